import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below those that Linux gives to whoever asks for any (32768 and up), so that none is given away before it is used. */
const LOWEST = 20_000;

/** Each worker of jest has ports of its own, for as many workers as fit below. */
const PER_WORKER = 3000;
const WORKERS = 4;

const first = LOWEST + (Number(process.env.JEST_WORKER_ID ?? 0) % WORKERS) * PER_WORKER;
let next = randomInt(PER_WORKER);

/** A port of the loopback interface that nothing listens on, and that nothing else in this run is given before it has been used. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < PER_WORKER; tries++) {
    const port = first + (next++ % PER_WORKER);
    if (await isFree(port)) return port;
  }
  throw new Error(`every port from ${first} to ${first + PER_WORKER - 1} is taken`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (err) {
    if (err instanceof Error && 'code' in err && err.code === 'EADDRINUSE') return false;
    throw err;
  }
  server.close();
  await once(server, 'close');
  return true;
}
