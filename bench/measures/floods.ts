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
  const honest = { url: `${gateway.url}/answer`, tokens: tokenFile(await world.knownKeys()), rate: HONEST };
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
      flood: () => ({ urls: one, tokens: unused.splice(0, 2 * (seconds + 3)), rate: 2 }),
    },
  ];
  const measured = floods.map((one) => ({ ...one, p50: new Array<number>(), p99: new Array<number>() }));
  for (let round = 1; round <= rounds; round++) {
    for (const { title, flood, p50, p99 } of measured) {
      const running = flood && startFlood(flood());
      await sleep(1000);
      const arrivals = await runOpenLoop({ ...honest, seconds });
      await running?.end();
      p50.push(percentile(arrivals, 0.5));
      p99.push(percentile(arrivals, 0.99));
      say(`round ${round}, honest callers, ${title}: p99 ${p99.at(-1)?.toFixed(2) ?? ''} ms`);
    }
  }
  const quiet = measured[0]?.p99 ?? [];
  return measured.map(({ title, p50, p99 }) => ({
    title,
    p50Ms: median(p50),
    p99Ms: median(p99),
    toQuiet: median(p99.map((value, round) => value / (quiet[round] ?? NaN))),
  }));
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
