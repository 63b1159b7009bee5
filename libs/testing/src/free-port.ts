import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { type Server, createServer } from 'node:net';

/** Below the ports that Linux assigns by itself (from 32768), so that none is assigned before it is used. */
const FIRST = 20_000;

/** Concurrent test runs have separate ports, and so do the workers of each run. */
const RUNS = 12;
const PER_RUN = 1000;
const WORKERS = 4;
const PER_WORKER = PER_RUN / WORKERS;

/** The variable by which a run tells its workers which ports are theirs. */
const RUN_VARIABLE = 'TEST_PORTS_FROM';

const run = Number(process.env[RUN_VARIABLE] ?? FIRST);
const first = run + 1 + (Number(process.env.JEST_WORKER_ID ?? 0) % WORKERS) * PER_WORKER;
const count = PER_WORKER - 1;
let next = randomInt(count);

/** Reserves ports for a test run and all processes that it starts, for as long as this process lives. */
export async function reservePorts(): Promise<void> {
  for (let number = 0; number < RUNS; number++) {
    const from = FIRST + number * PER_RUN;
    const held = await listen(from);
    if (held === undefined) continue;
    held.unref();
    process.env[RUN_VARIABLE] = String(from);
    return;
  }
  throw new Error(`${RUNS} test runs are in progress on this machine: wait for one to end`);
}

/** A free port of the loopback interface, which nothing else in this run gets before it has been used. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < count; tries++) {
    const port = first + (next++ % count);
    const server = await listen(port);
    if (server === undefined) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
  throw new Error(`every port from ${first} to ${first + count - 1} is taken`);
}

/** Undefined if something listens there already. */
async function listen(port: number): Promise<Server | undefined> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (err) {
    // Not by `instanceof`: Node's errors are not made by the `Error` of jest's world.
    if (typeof err === 'object' && err !== null && 'code' in err && err.code === 'EADDRINUSE')
      return undefined;
    throw err;
  }
  return server;
}
