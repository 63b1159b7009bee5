import { Redis } from 'ioredis';
import type { EmbeddedPostgres } from '#libs/embedded-postgres';
import { DEFAULT_TIMINGS } from '#libs/revocations';
import type { Stack, TcpProxy } from '#libs/testing';
import type { WritableReplica } from './replica.js';

/** What a fault may touch. */
export interface Chaos {
  readonly stack: Stack;
  /** Of the stack's Redis. */
  readonly replica: WritableReplica;
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
export const LEASE_BOUND_MS = DEFAULT_TIMINGS.leaseMs * DEFAULT_TIMINGS.margin;
/** What is cached runs out, likewise. */
export const CACHE_BOUND_MS = DEFAULT_TIMINGS.cacheTtlMs * DEFAULT_TIMINGS.margin;

/** Users of Redis whose rights faults take away: keys' and the gateways'. */
export const REDIS_USERS = ['keys', 'gateways'] as const;

/** How a Redis is started that knows them. */
export const REDIS_SETTINGS = REDIS_USERS.flatMap((name) => [
  '--user',
  name,
  'on',
  'nopass',
  '~*',
  '&*',
  '+@all',
]);

/** Several faults, one after the other. */
export function together(name: string, faults: readonly Fault[]): Fault {
  return {
    name,
    boundMs: Math.max(...faults.map(({ boundMs }) => boundMs)),
    happen: async (chaos) => {
      for (const fault of faults) await fault.happen(chaos);
    },
  };
}

/** How much later the log hears from a gateway that is late, in milliseconds: what it knows is older than the others'. */
const LATE_MS = 250;

/** The same fault while one gateway is late. */
export function withLateGateway(fault: Fault): Fault {
  return {
    ...fault,
    happen: async (chaos) => {
      const proxy = wayToRedis(chaos, 2);
      proxy.lateMs = LATE_MS;
      try {
        await fault.happen(chaos);
      } finally {
        proxy.lateMs = 0;
      }
    },
  };
}

/** What lies between one gateway and Redis. */
export function wayToRedis({ stack }: Chaos, gateway: number): TcpProxy {
  const proxy = stack.network.eachGatewayToRedis[gateway];
  if (proxy === undefined) throw new Error('there is no such gateway');
  return proxy;
}

/** Does something to Redis, as its operator. */
export async function atRedis(url: string, work: (redis: Redis) => Promise<void>): Promise<void> {
  const redis = new Redis(url);
  try {
    await work(redis);
  } finally {
    redis.disconnect();
  }
}
