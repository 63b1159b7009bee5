import { setTimeout as sleep } from 'node:timers/promises';
import { type ConnectionOptions, CorkingRedis } from './corking-redis.js';
import type { RedisUnavailable } from './describe-failure.js';
import { sentinelsIn } from './sentinels.js';

/** Where Redis is. */
export interface RedisLocation {
  /**
   * `redis://host:6379/0`, or the sentinels that know the primary: `redis+sentinel://host:26379,host:26379/name`. With
   * `rediss` instead of `redis` for TLS.
   */
  readonly url: string;
  /** Instead of the one in the address, whose user stays. */
  readonly password?: string | undefined;
  /** Of the sentinels, if they ask for one. */
  readonly sentinelPassword?: string | undefined;
  /** Certificates (PEM) to trust instead of the system's, for addresses with `rediss`. */
  readonly ca?: string | undefined;
  /** What the names of all keys and channels begin with, where several deployments share a Redis; nothing by default. */
  readonly prefix?: string | undefined;
}

/** Where Redis is, and who hears why it cannot be reached. */
export interface RedisAddress extends RedisLocation {
  /** Hears of each failed attempt; the message of `cause` is a sentence with what to do. */
  readonly onError: (cause: RedisUnavailable) => void;
}

/** When a connection is taken for dead. */
export interface Timeouts {
  /** After how many milliseconds a command without an answer fails. Default: 500. */
  readonly commandTimeoutMs?: number;
  /**
   * After how many milliseconds without the answer that is due the connection is made again, to another server if that
   * is the primary by then. Default: 2000. Until then, commands pile up in it.
   */
  readonly silenceMs?: number;
}

/**
 * A connection for commands that somebody waits for. An outage must not make requests wait: commands fail at once
 * without a connection, and soon with a dead one.
 */
export function connectRedis(
  address: RedisAddress,
  { commandTimeoutMs = 500, silenceMs = 2000 }: Timeouts = {},
): Promise<CorkingRedis> {
  return connect(address, {
    enableOfflineQueue: false,
    commandTimeout: commandTimeoutMs,
    maxRetriesPerRequest: 0,
    socketTimeout: silenceMs,
  });
}

/**
 * A connection that only listens. It does not subscribe again by itself: ioredis ignores a refusal then, which ends the
 * process.
 */
export function connectListener(
  address: RedisAddress,
  { commandTimeoutMs = 2000, silenceMs = 2000 }: Timeouts = {},
): Promise<CorkingRedis> {
  return connect(address, {
    enableOfflineQueue: false,
    commandTimeout: commandTimeoutMs,
    maxRetriesPerRequest: 0,
    socketTimeout: silenceMs,
    autoResubscribe: false,
  });
}

/** What becomes of a command without an answer, and of subscriptions when the connection is lost. */
type CommandOptions = Pick<
  ConnectionOptions,
  'enableOfflineQueue' | 'commandTimeout' | 'socketTimeout' | 'maxRetriesPerRequest' | 'autoResubscribe'
>;

/** How long connecting may take, in milliseconds. */
const CONNECT_TIMEOUT_MS = 1000;

/** Connects, and again whenever the connection is lost. Waits for the first connection for at most a second. */
async function connect(address: RedisAddress, options: CommandOptions): Promise<CorkingRedis> {
  const redis = clientFor(address, {
    ...options,
    connectTimeout: CONNECT_TIMEOUT_MS,
    lazyConnect: true,
    disconnectTimeout: 100,
    // A user with few rights may not say it, and the server would note each attempt.
    disableClientInfo: true,
    retryStrategy: retryDelay,
    // A primary that has become a replica takes no writes: where the primary is now is asked again.
    reconnectOnError: (err) => err.message.startsWith('READONLY'),
  });
  redis.on('error', () => address.onError(redis.failure));
  const first = redis.connect().catch(() => undefined);
  // Sentinels that do not answer are asked for ever.
  await Promise.race([first, sleep(CONNECT_TIMEOUT_MS, undefined, { ref: false })]);
  return redis;
}

function retryDelay(attempt: number): number {
  return Math.min(50 * 2 ** attempt, 1000);
}

function clientFor(
  { url, password, sentinelPassword, ca }: RedisLocation,
  options: ConnectionOptions,
): CorkingRedis {
  const found = sentinelsIn(url);
  const tls = ca === undefined ? {} : { ca };
  if (found === undefined) return withoutSentinels(url, password, tls, options);
  const { isTls, ...primary } = found;
  const where = `${found.name} of the sentinels ${found.sentinels.map(({ host }) => host).join(', ')}`;
  return new CorkingRedis({ where, isTls }, 'redis://', {
    ...primary,
    ...options,
    ...(password !== undefined && { password }),
    ...(sentinelPassword !== undefined && { sentinelPassword }),
    sentinelCommandTimeout: CONNECT_TIMEOUT_MS,
    // Else the client gives up for good when no sentinel answers. Its own detector of failovers is not used: told of one
    // while it connects, it gives up as well.
    sentinelRetryStrategy: retryDelay,
    ...(isTls && { tls, sentinelTLS: tls, enableTLSForSentinelMode: true }),
  });
}

/** User and password are taken out of the address, where an empty password would win over the one that is given. */
function withoutSentinels(
  url: string,
  password: string | undefined,
  tls: { readonly ca?: string },
  options: ConnectionOptions,
): CorkingRedis {
  const address = new URL(url);
  const inAddress = { username: address.username, password: address.password };
  address.username = '';
  address.password = '';
  const server = {
    where: `${address.hostname || 'localhost'}:${address.port || '6379'}`,
    isTls: address.protocol === 'rediss:',
  };
  return new CorkingRedis(server, address.href, {
    ...options,
    ...(server.isTls && { tls }),
    username: decodeURIComponent(inAddress.username),
    password: password ?? decodeURIComponent(inAddress.password),
  });
}
