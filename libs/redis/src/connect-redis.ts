import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis, RedisOptions } from 'ioredis';
import { CorkingRedis } from './corking-redis.js';
import { sentinelsIn } from './sentinels.js';

/** Where Redis is. */
export interface RedisPlace {
  /**
   * `redis://host:6379/0`, or the sentinels that know the primary: `redis+sentinel://host:26379,host:26379/name`. With
   * `rediss` instead of `redis` for TLS.
   */
  readonly url: string;
  /** Instead of the one in the address. */
  readonly password?: string | undefined;
  /** Of the sentinels, if they ask for one. */
  readonly sentinelPassword?: string | undefined;
}

/** Where Redis is, and who hears of each failed attempt to reach it. */
export interface RedisAddress extends RedisPlace {
  readonly onError: (cause: Error) => void;
}

/** When a connection is taken for dead. */
export interface Impatience {
  /** After how many milliseconds a command without an answer fails; half a second unless told otherwise. */
  readonly commandTimeoutMs?: number;
  /**
   * After how many milliseconds without the answer that is due the connection is made anew, to another server if that
   * is the primary by then; two seconds unless told otherwise. Until then, commands pile up in it.
   */
  readonly silenceMs?: number;
}

/**
 * A connection for commands that somebody waits for. An outage must not make requests wait: commands fail at once
 * without a connection, and soon with a dead one.
 */
export function connectRedis(
  address: RedisAddress,
  { commandTimeoutMs = 500, silenceMs = 2000 }: Impatience = {},
): Promise<Redis> {
  return connect(address, {
    enableOfflineQueue: false,
    commandTimeout: commandTimeoutMs,
    maxRetriesPerRequest: 0,
    socketTimeout: silenceMs,
  });
}

/**
 * A connection that only listens. Who uses it subscribes at each `ready`: ioredis itself would ignore that Redis refuses
 * it then, and such a rejection ends the process.
 */
export function connectDoorbell(address: RedisAddress): Promise<Redis> {
  return connect(address, { maxRetriesPerRequest: null, autoResubscribe: false });
}

/** What becomes of a command without an answer. */
interface Patience {
  readonly enableOfflineQueue?: boolean;
  readonly commandTimeout?: number;
  readonly socketTimeout?: number;
  readonly autoResubscribe?: boolean;
  readonly maxRetriesPerRequest: number | null;
}

/** How long connecting may take, in milliseconds. */
const CONNECT_TIMEOUT_MS = 1000;

/** Connects, and again whenever the connection is lost. Waits for the first connection for at most a second. */
async function connect(address: RedisAddress, patience: Patience): Promise<Redis> {
  const redis = clientFor(address, {
    ...patience,
    ...(address.password !== undefined && { password: address.password }),
    connectTimeout: CONNECT_TIMEOUT_MS,
    lazyConnect: true,
    disconnectTimeout: 100,
    retryStrategy: retryDelay,
    // A primary that has become a replica takes no writes: where the primary is now is asked anew.
    reconnectOnError: (err) => err.message.startsWith('READONLY'),
  });
  redis.on('error', address.onError);
  const first = redis.connect().catch(() => undefined);
  // Sentinels that do not answer are asked for ever.
  await Promise.race([first, sleep(CONNECT_TIMEOUT_MS, undefined, { ref: false })]);
  return redis;
}

function retryDelay(attempt: number): number {
  return Math.min(50 * 2 ** attempt, 1000);
}

/** Without what changes the shape of answers. */
type Options = Omit<RedisOptions, 'protocol' | 'replyMapping'>;

function clientFor({ url, sentinelPassword }: RedisPlace, options: Options): Redis {
  const found = sentinelsIn(url);
  if (found === undefined) return new CorkingRedis(url, options);
  const { isTls, ...primary } = found;
  return new CorkingRedis({
    ...primary,
    ...options,
    ...(sentinelPassword !== undefined && { sentinelPassword }),
    sentinelCommandTimeout: CONNECT_TIMEOUT_MS,
    // Else the client gives up for good when no sentinel answers. Its own detector of failovers is not used: told of one
    // while it connects, it gives up as well.
    sentinelRetryStrategy: retryDelay,
    ...(isTls && { tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true }),
  });
}
