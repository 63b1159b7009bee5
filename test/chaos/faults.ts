import { setTimeout as sleep } from 'node:timers/promises';
import type { EmbeddedPostgres } from '#libs/embedded-postgres';
import { DEFAULT_TIMINGS } from '#libs/revocations';
import type { ServiceProcess, Stack } from '#libs/testing';

/** What a fault may touch. */
export interface Chaos {
  readonly stack: Stack;
  /** The PostgreSQL of this test alone, which may be restarted, and killed before that. */
  readonly restartPostgres: (how: 'stop' | 'kill') => Promise<EmbeddedPostgres>;
}

/** Something that goes wrong, and is over when the promise resolves. */
export interface Fault {
  readonly name: string;
  /** The longest that a revoke may take because of it, in milliseconds, by the protocol's times. */
  readonly boundMs: number;
  happen(chaos: Chaos): Promise<void>;
}

/** A lease and its margin. */
const LEASE_BOUND_MS = DEFAULT_TIMINGS.leaseMs * DEFAULT_TIMINGS.margin;
/** What is cached runs out, likewise. */
const CACHE_BOUND_MS = DEFAULT_TIMINGS.cacheTtlMs * DEFAULT_TIMINGS.margin;

function gateway({ stack }: Chaos, which = 0): ServiceProcess {
  const found = stack.gateways[which];
  if (found === undefined) throw new Error('there is no such gateway');
  return found;
}

function freeze(seconds: number): Fault {
  return {
    name: `a gateway is frozen for ${seconds} s`,
    boundMs: LEASE_BOUND_MS,
    happen: async (chaos) => {
      gateway(chaos).process.signal('SIGSTOP');
      await sleep(seconds * 1000);
      gateway(chaos).process.signal('SIGCONT');
    },
  };
}

function restartPostgres(name: string, how: 'stop' | 'kill'): Fault {
  return {
    name,
    boundMs: CACHE_BOUND_MS,
    happen: async ({ stack, restartPostgres }) => {
      stack.network.keysToDatabase.cut();
      const { url } = await restartPostgres(how);
      stack.network.keysToDatabase.mend(Number(new URL(url).port));
    },
  };
}

/** Every fault, with nothing wrong first. `long` takes the times of the long run. */
export function faults({ long }: { long: boolean }): Fault[] {
  const redisAwaySeconds = long ? 20 : 4;
  return [
    { name: 'nothing goes wrong', boundMs: LEASE_BOUND_MS, happen: () => Promise.resolve() },
    freeze(1),
    freeze(3),
    ...(long ? [freeze(15)] : []),
    {
      name: 'a gateway is killed and started again',
      boundMs: LEASE_BOUND_MS,
      happen: async (chaos) => {
        await gateway(chaos, 1).kill();
        await sleep(500);
        await gateway(chaos, 1).restart();
      },
    },
    {
      name: 'a keys replica is killed and started again',
      boundMs: CACHE_BOUND_MS,
      happen: async ({ stack }) => {
        await stack.keys[0]?.service.kill();
        await sleep(500);
        await stack.keys[0]?.service.restart();
      },
    },
    {
      name: 'Redis is killed and started again, empty',
      boundMs: CACHE_BOUND_MS,
      happen: async ({ stack }) => {
        await stack.redis.kill();
        await stack.redis.restartEmpty();
      },
    },
    {
      name: `Redis is away for ${redisAwaySeconds} s`,
      boundMs: CACHE_BOUND_MS,
      happen: async ({ stack }) => {
        await stack.redis.kill();
        await sleep(redisAwaySeconds * 1000);
        await stack.redis.restartEmpty();
      },
    },
    {
      name: 'Redis is cut off from the gateways',
      boundMs: LEASE_BOUND_MS,
      happen: async ({ stack }) => {
        stack.network.gatewaysToRedis.cut();
        await sleep(4000);
        stack.network.gatewaysToRedis.mend();
      },
    },
    {
      name: 'Redis is cut off from keys',
      boundMs: CACHE_BOUND_MS,
      happen: async ({ stack }) => {
        stack.network.keysToRedis.cut();
        await sleep(4000);
        stack.network.keysToRedis.mend();
      },
    },
    restartPostgres('PostgreSQL is restarted', 'stop'),
    restartPostgres('PostgreSQL is killed and started again', 'kill'),
  ];
}
