import { setTimeout as sleep } from 'node:timers/promises';
import { ManageClient } from '#libs/keys-client';
import { TEST_SECRETS } from '#libs/testing';
import { CaseServer } from '../case-server.js';
import { forgedKeys } from '../cases.js';
import { type Flood, startFlood } from '../load/flood.js';
import { type Arrival, percentile, windowsOf } from '../load/open-loop.js';
import { runOpenLoop } from '../load/run-open-loop.js';
import { OTHER_CORE, SERVER_CORE } from '../machine.js';
import type { BenchOptions } from '../options.js';
import { median } from '../statistics.js';
import { tokenFile } from '../tokens.js';
import type { World } from '../world.js';

/** Requests per second of honest callers. */
const HONEST = 500;
const WARMUP_SECONDS = 2;
/** One in so many of their requests has a key that the gateway has not cached; each of the other keys is used once a second. */
const COLD_EACH = 10;

/** How a flood affects honest callers, in milliseconds: medians over the seconds of all rounds. */
export interface FloodMeasure {
  readonly title: string;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** The ratio of the 99th percentile to that of the quiet time. */
  readonly toQuiet: number;
  /** The share of seconds whose 99th percentile was more than twice that of the quiet time. */
  readonly slowSeconds: number;
  /** How many requests of the flood were answered per second. */
  readonly floodPerSecond: number;
  /** How late the load of the honest callers was, which is part of their latency. */
  readonly lateP99Ms: number;
}

/**
 * Measures honest callers during floods. All come from one address, so the limit on failed authentications is off: each
 * request of the flood is refused for its key, which is the more expensive way.
 */
export async function measureFloods(
  world: World,
  { rounds, seconds }: BenchOptions,
  say: (text: string) => void,
): Promise<FloodMeasure[]> {
  const env = { ...world.env, RATE_LIMIT: 'per key' };
  const [gateway, second] = [
    await CaseServer.start('guarded', env, SERVER_CORE),
    await CaseServer.start('guarded', env, OTHER_CORE),
  ];
  const known = endlessly(await world.knownKeys());
  const honest = {
    url: `${gateway.url}/answer`,
    rate: HONEST,
    seconds,
    warmupSeconds: WARMUP_SECONDS,
    // bcrypt, which runs on the same core, must not be mistaken for a slow answer.
    isSparing: true,
  };
  const one = [`${gateway.url}/answer`];
  const unused = await world.seed(1000, 12);
  const revoked = [await issue(world, true)];
  const eager = [await issue(world, false)];
  const floods: { title: string; flood?: () => Flood }[] = [
    { title: 'quiet' },
    { title: '2,000 forged keys a second', flood: () => ({ urls: one, tokens: FORGED, rate: 2000 }) },
    {
      title: 'a revoked key, 2,000 times a second',
      flood: () => ({ urls: one, tokens: revoked, rate: 2000 }),
    },
    {
      title: 'one genuine key, 1,000 times a second at each of two gateways',
      flood: () => ({ urls: [...one, `${second.url}/answer`], tokens: eager, rate: 1000 }),
    },
    {
      title: '2 genuine keys a second that nobody has seen before: bcrypt',
      flood: () => ({ urls: one, tokens: unused.splice(0, 2 * (seconds + 6)), rate: 2 }),
    },
  ];
  const measured = floods.map((one) => ({
    ...one,
    within: new Array<Arrival[]>(),
    rates: new Array<number>(),
  }));
  for (let round = 1; round <= rounds; round++) {
    for (const { title, flood, within, rates } of measured) {
      const running = flood && startFlood(flood());
      await sleep(1000);
      const arrivals = await runOpenLoop({ ...honest, tokens: tokenFile(honestTokens(known, seconds)) });
      rates.push((await running?.end()) ?? 0);
      within.push(...windowsOf(arrivals, 1000));
      say(
        `round ${round}, honest callers, ${title}: p99 ${p99sOf(windowsOf(arrivals, 1000)).map(inMs).join(', ')} ms`,
      );
    }
  }
  const quietMs = median(p99sOf(measured[0]?.within ?? []));
  return measured.map(({ title, within, rates }) => {
    const p99s = p99sOf(within);
    return {
      title,
      p50Ms: median(within.map((second) => percentile(second, 0.5))),
      p99Ms: median(p99s),
      toQuiet: median(p99s) / quietMs,
      slowSeconds: p99s.filter((ms) => ms > 2 * quietMs).length / p99s.length,
      floodPerSecond: median(rates),
      lateP99Ms: median(within.map((second) => percentile(second, 0.99, 'lateMs'))),
    };
  });
}

const p99sOf = (seconds: readonly Arrival[][]): number[] => seconds.map((second) => percentile(second, 0.99));
const inMs = (ms: number): string => ms.toFixed(1);

/**
 * The tokens of honest callers, one for each of their requests. Each run has its own keys: otherwise those that the
 * previous run has left in the cache would make it faster.
 */
function honestTokens(known: Iterator<string, never>, seconds: number): string[] {
  const next = (): string => known.next().value;
  const cached = Array.from({ length: HONEST - HONEST / COLD_EACH }, next);
  return Array.from({ length: HONEST * (WARMUP_SECONDS + seconds) }, (_, number) =>
    number % COLD_EACH === 0
      ? next()
      : (cached[(number - Math.ceil(number / COLD_EACH)) % cached.length] ?? next()),
  );
}

/** All of them in turn, repeatedly. */
function* endlessly<Value>(values: readonly Value[]): Generator<Value, never> {
  for (;;) yield* values;
}

const FORGED = forgedKeys(10_000);

async function issue(world: World, isRevoked: boolean): Promise<string> {
  const manage = new ManageClient({
    url: world.keys.service.url,
    credential: TEST_SECRETS.KEYS_MANAGE_TOKEN,
  });
  const { token, key } = await manage.issue('ada', { name: 'Flood', capabilities: ['desktop:read'] });
  if (isRevoked) await manage.revoke(key.id);
  return token;
}
