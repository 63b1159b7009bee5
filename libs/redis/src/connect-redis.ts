import { setTimeout as sleep } from 'node:timers/promises';
import { type ConnectionOptions, CorkingRedis } from './corking-redis.js';
import type { RedisUnavailable } from './describe-failure.js';
import { sentinelsIn } from './sentinels.js';

/** How to reach Redis. */
export interface RedisLocation {
  /**
   * `redis://host:6379/0`, or the sentinels that know the primary: `redis+sentinel://host:26379,host:26379/name`. With
   * `rediss` instead of `redis` for TLS.
   */
  readonly url: string;
  /** Overrides the password in the URL, but not its user. */
  readonly password?: string | undefined;
  /** The password of the sentinels, if they require one. */
  readonly sentinelPassword?: string | undefined;
  /** Certificates (PEM) to trust instead of the system's, for `rediss` URLs. */
  readonly ca?: string | undefined;
  /** The prefix of all keys and channels, if several deployments share a Redis. Default: none. */
  readonly prefix?: string | undefined;
}

/** How to reach Redis, and whom to tell why it cannot be reached. */
export interface RedisAddress extends RedisLocation {
  /** Called with each failed attempt; the message of `cause` is a sentence that says what to do. */
  readonly onError: (cause: RedisUnavailable) => void;
}

/** When a connection counts as dead. */
export interface Timeouts {
  /** After how many milliseconds without an answer a command fails. Default: 500. */
  readonly commandTimeoutMs?: number;
  /**
   * After how many milliseconds without an expected answer to reconnect, to another server if that is the primary by then.
   * Default: 2000. Until then, commands queue up in the connection.
   */
  readonly silenceMs?: number;
}

/**
 * A connection for commands whose answers are awaited. An outage must not make requests wait: commands fail at once
 * without a connection, and soon if the connection is dead.
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
 * A connection that only listens. It does not resubscribe automatically: ioredis does not handle a refusal of that, which
 * ends the process.
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

/** What happens to a command without an answer, and to subscriptions when the connection is lost. */
type CommandOptions = Pick<
  ConnectionOptions,
  'enableOfflineQueue' | 'commandTimeout' | 'socketTimeout' | 'maxRetriesPerRequest' | 'autoResubscribe'
>;

/** How long connecting may take, in milliseconds. */
const CONNECT_TIMEOUT_MS = 1000;

/** Connects, and reconnects whenever the connection is lost. Waits at most a second for the first connection. */
async function connect(address: RedisAddress, options: CommandOptions): Promise<CorkingRedis> {
  const redis = clientFor(address, {
    ...options,
    connectTimeout: CONNECT_TIMEOUT_MS,
    lazyConnect: true,
    disconnectTimeout: 100,
    // A user with few rights may not use CLIENT SETINFO, and the server would log each attempt.
    disableClientInfo: true,
    retryStrategy: retryDelay,
    // A primary that has become a replica accepts no writes: reconnecting finds the current primary.
    reconnectOnError: (err) => err.message.startsWith('READONLY'),
  });
  redis.on('error', () => address.onError(redis.failure));
  const first = redis.connect().catch(() => undefined);
  // Sentinels that do not answer are asked forever.
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
    // Otherwise the client gives up forever if no sentinel answers. Its own detection of failovers is not used: notified of
    // one while connecting, it gives up as well.
    sentinelRetryStrategy: retryDelay,
    ...(isTls && { tls, sentinelTLS: tls, enableTLSForSentinelMode: true }),
  });
}

/** Removes user and password from the URL, where an empty password would override the given one. */
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
