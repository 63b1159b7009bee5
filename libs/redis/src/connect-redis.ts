import { Redis } from 'ioredis';

/** Where Redis is, and who hears of each failed attempt to reach it. */
export interface RedisAddress {
  /** `redis://host:6379/0`, or `rediss://` for TLS. */
  readonly url: string;
  /** Instead of the one in the address. */
  readonly password?: string | undefined;
  readonly onError: (cause: Error) => void;
}

/** When a connection is taken for dead. */
export interface Impatience {
  /** After how many milliseconds a command without an answer fails; half a second unless told otherwise. */
  readonly commandTimeoutMs?: number;
  /** After how many milliseconds of silence the connection is made anew; until then, commands pile up in it. */
  readonly silenceMs?: number;
}

/**
 * A connection for commands that somebody waits for. An outage must not make requests wait: commands fail at once
 * without a connection, and soon with a dead one.
 */
export function connectRedis(
  address: RedisAddress,
  { commandTimeoutMs = 500, silenceMs }: Impatience = {},
): Promise<Redis> {
  return connect(address, {
    enableOfflineQueue: false,
    commandTimeout: commandTimeoutMs,
    maxRetriesPerRequest: 0,
    ...(silenceMs !== undefined && { socketTimeout: silenceMs }),
  });
}

/** A connection that only listens, and never gives up what it has subscribed to. */
export function connectDoorbell(address: RedisAddress): Promise<Redis> {
  return connect(address, { maxRetriesPerRequest: null });
}

/** What becomes of a command without an answer. */
interface Patience {
  readonly enableOfflineQueue?: boolean;
  readonly commandTimeout?: number;
  readonly socketTimeout?: number;
  readonly maxRetriesPerRequest: number | null;
}

/** Connects, and again whenever the connection is lost. Waits for the first connection for at most a second. */
async function connect({ url, password, onError }: RedisAddress, patience: Patience): Promise<Redis> {
  const redis = new Redis(url, {
    ...patience,
    ...(password !== undefined && { password }),
    connectTimeout: 1000,
    lazyConnect: true,
    disconnectTimeout: 100,
    retryStrategy: (attempt: number) => Math.min(50 * 2 ** attempt, 1000),
  });
  redis.on('error', onError);
  await redis.connect().catch(() => undefined);
  return redis;
}
