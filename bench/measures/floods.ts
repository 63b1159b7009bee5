import { setTimeout as sleep } from 'node:timers/promises';
import { ManageClient } from '#libs/keys-client';
import { TEST_SECRETS } from '#libs/testing';
import { CaseServer } from '../case-server.js';
import { forgedKeys } from '../cases.js';
import { type Flood, startFlood } from '../load/flood.js';
import { percentile } from '../load/open-loop.js';
import { runOpenLoop } from '../load/run-open-loop.js';
import { OTHER_CORE, SERVER_CORE } from '../machine.js';
import type { BenchOptions } from '../options.js';
import { median } from '../statistics.js';
import { tokenFile } from '../tokens.js';
import type { World } from '../world.js';

/** Requests a second of honest callers, with keys of theirs in turn: each key stays far below its limit. */
const HONEST = 500;

/** What honest callers feel of a flood, in milliseconds: medians of the rounds. */
export interface FloodMeasure {
  readonly title: string;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** The 99th percentile to that of the quiet time, within each round. */
  readonly toQuiet: number;
  /** How many requests of the flood were answered in a second. */
  readonly floodPerSecond: number;
  /** How late the load of the honest callers was, which is in their latency. */
  readonly lateP99Ms: number;
}

/**
 * Lets honest callers meet floods. All come from one address, so the limit on failed authentications is off: the
 * flood is turned away by its keys alone, which is the dearer way.
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
  const honest = {
    url: `${gateway.url}/answer`,
    tokens: tokenFile(await world.knownKeys()),
    rate: HONEST,
    seconds,
    warmupSeconds: 2,
    // bcrypt, which runs on the same core, must not pass for a slow answer.
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
  const measured = floods.map((one) => ({ ...one, runs: new Array<FloodRun>() }));
  for (let round = 1; round <= rounds; round++) {
    for (const { title, flood, runs } of measured) {
      const running = flood && startFlood(flood());
      await sleep(1000);
      const arrivals = await runOpenLoop(honest);
      const perSecond = (await running?.end()) ?? 0;
      const [p50, p99] = [percentile(arrivals, 0.5), percentile(arrivals, 0.99)];
      runs.push({ p50, p99, late: percentile(arrivals, 0.99, 'lateMs'), perSecond });
      say(`round ${round}, honest callers, ${title}: p99 ${p99.toFixed(2)} ms`);
    }
  }
  const quiet = measured[0]?.runs ?? [];
  return measured.map(({ title, runs }) => ({
    title,
    p50Ms: median(runs.map(({ p50 }) => p50)),
    p99Ms: median(runs.map(({ p99 }) => p99)),
    toQuiet: median(runs.map(({ p99 }, round) => p99 / (quiet[round]?.p99 ?? NaN))),
    floodPerSecond: median(runs.map(({ perSecond }) => perSecond)),
    lateP99Ms: median(runs.map(({ late }) => late)),
  }));
}

type FloodRun = Readonly<Record<'p50' | 'p99' | 'late' | 'perSecond', number>>;

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
