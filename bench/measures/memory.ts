import { CaseServer } from '../case-server.js';
import { loadClosed } from '../load/closed-loop.js';
import { SERVER_CORE } from '../machine.js';
import { tokenFile } from '../tokens.js';
import { MANY, type World } from '../world.js';

/** How much of a gateway's heap a cached key takes, in bytes: the difference that caching {@link MANY} makes. */
export async function measureMemory(world: World): Promise<number> {
  const server = await CaseServer.start('guarded', world.env, SERVER_CORE);
  const tokens = await world.knownKeys();
  const load = { pid: server.process.pid, url: `${server.url}/answer`, connections: 64 };
  // Everything except the cache is in its final state: compiled, connected, warm.
  await loadClosed({ ...load, tokens: tokenFile(tokens.slice(0, 100)), seconds: 5 });
  const before = await server.ask('memory');
  await loadClosed({ ...load, tokens: tokenFile(tokens), seconds: 10 });
  const after = await server.ask('memory');
  await server.process.stop();
  return (after - before) / (MANY - 100);
}
