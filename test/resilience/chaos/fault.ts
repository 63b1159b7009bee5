import { Redis } from 'ioredis';
import type { EmbeddedPostgres } from '#libs/embedded-postgres';
import { DEFAULT_TIMINGS } from '#libs/revocations';
import type { Stack, TcpProxy } from '#libs/testing';
import type { WritableReplica } from './replica.js';

/** What a fault may affect. */
export interface Chaos {
  readonly stack: Stack;
  /** The stack's Redis. */
  readonly replica: WritableReplica;
  /** This test's PostgreSQL, which may be killed and restarted. */
  readonly restartPostgres: (how: 'stop' | 'kill') => Promise<EmbeddedPostgres>;
}

/** A fault, which is over when the promise resolves. */
export interface Fault {
  readonly name: string;
  /** The maximum time of a revoke with this fault, in milliseconds, by the protocol's times. */
  readonly boundMs: number;
  happen(chaos: Chaos): Promise<void>;
}

/** A lease and its margin. */
export const LEASE_BOUND_MS = DEFAULT_TIMINGS.leaseMs * DEFAULT_TIMINGS.margin;
/** The lifetime of caches and its margin. */
export const CACHE_BOUND_MS = DEFAULT_TIMINGS.cacheTtlMs * DEFAULT_TIMINGS.margin;

/** The Redis users whose rights faults revoke: those of keys and of gateways. */
export const REDIS_USERS = ['keys', 'gateways'] as const;

/** The settings of a Redis with these users. */
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

/** How much later a late gateway reaches the log, in milliseconds: what it knows is older than what the others know. */
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

/** The proxy between one gateway and Redis. */
export function wayToRedis({ stack }: Chaos, gateway: number): TcpProxy {
  const proxy = stack.network.eachGatewayToRedis[gateway];
  if (proxy === undefined) throw new Error('there is no such gateway');
  return proxy;
}

/** Does something to Redis as its operator. */
export async function atRedis(url: string, work: (redis: Redis) => Promise<void>): Promise<void> {
  const redis = new Redis(url);
  try {
    await work(redis);
  } finally {
    redis.disconnect();
  }
}
