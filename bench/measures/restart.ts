import { setTimeout as sleep } from 'node:timers/promises';
import { startGatewayProcess } from '#libs/testing';
import { type Arrival, percentile, windowsOf } from '../load/open-loop.js';
import { runOpenLoop } from '../load/run-open-loop.js';
import { SERVER_CORE, pin } from '../machine.js';
import { median } from '../statistics.js';
import { tokenFile } from '../tokens.js';
import type { World } from '../world.js';

const RATE = 1000;
const CALM_SECONDS = 12;
const SECONDS = 45;
const WINDOW_MS = 500;
/** How long it must be normal to count as recovered, in milliseconds. A single bad window after that is the machine's. */
const BACK_MS = 3000;

/** Killing and restarting keys and the gateway at the same time, while 10,000 keys are in use. */
export interface RestartMeasure {
  readonly rate: number;
  readonly bcryptRuns: number;
  readonly p99BeforeMs: number;
  /** Seconds from the kill until no request fails and p99 is near what it was, for {@link BACK_MS}; null: never in this run. */
  readonly backAfterSeconds: number | null;
  readonly failed: number;
}

export async function measureRestart(world: World): Promise<RestartMeasure> {
  const tokens = tokenFile(await world.knownKeys());
  const gateway = await startGatewayProcess(world.env);
  pin(gateway.process.pid, SERVER_CORE);
  const load = { url: `${gateway.url}/v1/me`, tokens, rate: RATE };
  // With sleeps: PostgreSQL and keys run on its core, and one that spins could keep them from it for seconds.
  const loading = runOpenLoop({ ...load, seconds: SECONDS, warmupSeconds: 2, isSparing: true });
  await sleep((2 + CALM_SECONDS) * 1000);
  await Promise.all([gateway.kill(), world.keys.service.kill()]);
  await Promise.all([gateway.restart(), world.keys.service.restart()]);
  pin(gateway.process.pid, SERVER_CORE);
  const arrivals = await loading;
  const bcryptRuns = await comparisons(world);
  await gateway.process.stop();

  const windows = windowsOf(arrivals, WINDOW_MS);
  const calm = windows.slice(4, (CALM_SECONDS * 1000) / WINDOW_MS - 2);
  const p99BeforeMs = median(calm.map((window) => percentile(window, 0.99)));
  const wasBad = (window: Arrival[]): boolean => percentile(window, 0.99) > 2 * p99BeforeMs + 5;
  const killedIn = windows.findIndex((window) => window.some(({ latencyMs }) => latencyMs === Infinity));
  if (killedIn < 0) throw new Error('the restart has affected no request');
  const backIn = windows.findIndex((_, first) => {
    const next = windows.slice(first, first + BACK_MS / WINDOW_MS);
    return first > killedIn && next.length === BACK_MS / WINDOW_MS && !next.some(wasBad);
  });
  return {
    rate: RATE,
    bcryptRuns,
    p99BeforeMs,
    backAfterSeconds: backIn < 0 ? null : ((backIn - killedIn) * WINDOW_MS) / 1000,
    failed: arrivals.filter(({ latencyMs }) => latencyMs === Infinity).length,
  };
}

/** How many bcrypt comparisons keys has run since it was started, by its metrics. */
async function comparisons({ keys }: World): Promise<number> {
  const [line] = await keys.service.metrics('keys_bcrypt_runs_total{work="compare"}');
  if (line === undefined) throw new Error('keys does not report its bcrypt runs');
  return Number(line.split(' ').at(-1));
}
