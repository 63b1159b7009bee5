import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import {
  type Needs,
  type OnSetup,
  type RedisAddress,
  RedisProbe,
  checkRedis,
  connectRedis,
  rightsOn,
} from '#libs/redis';
import { type Counted, InProcessRateLimits } from './in-process-rate-limits.js';
import { type RateLimitResult, type RateLimits, WINDOW_SECONDS, rateLimitResult } from './rate-limits.js';

/** How long Redis is not used after a failure, in milliseconds. Then one request finds out whether it is back. */
const ASK_AGAIN_MS = 1000;

/** The maximum number of keys that this process remembers as having reached their limit. */
const USED_UP_KEYS = 10_000;

/** The permissions that the Redis user of a gateway needs for rate limits. */
export function rateLimitNeeds(prefix = ''): Needs {
  const commands = [
    'eval return 1 KEY',
    'evalsha x 1 KEY',
    'set KEY 0',
    'incrby KEY 1',
    'pttl KEY',
    'expire KEY 60',
  ];
  return {
    use: 'rate limits',
    rights: [...rightsOn({ key: `${prefix}rate-limit:*` }, commands), ...rightsOn({}, ['info', 'ping'])],
  };
}

interface Outage {
  /** How many processes share the limit while each counts separately; called for each request. */
  readonly instanceCount: () => number;
  /** Called with the first failure of each outage. */
  readonly onOutage: (cause: unknown) => void;
}

/**
 * Exact across all processes that share a Redis: one script counts each request there, in a window that ends by Redis's
 * clock. Once Redis has said that a limit is reached, requests are refused without asking again until the window ends.
 *
 * While Redis is unavailable, each process counts separately and allows its share of the limit: rounded up, so that
 * together they may allow slightly more than the limit, and at least one each.
 */
export class RedisRateLimits implements RateLimits {
  /** The state of the connection, for metrics. */
  readonly probe: RedisProbe;
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #counter: RateLimiterRedis;
  readonly #outage: Outage;
  readonly #local: InProcessRateLimits;
  readonly #now: () => number;
  /** Until when a key's limit is reached, on this process's clock. */
  readonly #usedUp = new LRUCache<string, number>({ max: USED_UP_KEYS });
  #isDown = false;
  #askAgainAt = -Infinity;

  /** `redis` must fail fast, and is closed by {@link close}. */
  constructor({
    redis,
    prefix = '',
    now = () => performance.now(),
    counted,
    ...outage
  }: { redis: Redis; prefix?: string | undefined; now?: () => number; counted?: Counted } & Outage) {
    this.#redis = redis;
    this.#prefix = prefix;
    this.probe = new RedisProbe(redis);
    this.#outage = outage;
    this.#now = now;
    this.#local = new InProcessRateLimits({ now, ...counted });
    // Its own blocking is not used: it has the same limit for all, and its memory goes by the wall clock.
    this.#counter = new RateLimiterRedis({
      storeClient: redis,
      keyPrefix: `${prefix}rate-limit`,
      points: 1,
      duration: counted?.windowSeconds ?? WINDOW_SECONDS,
    });
  }

  /** Connects to Redis. While it is unavailable, limits are enforced locally. `onSetup` is called if it is misconfigured. */
  static async connect({
    instanceCount,
    onOutage,
    onSetup,
    ...address
  }: RedisAddress & Outage & { readonly onSetup?: OnSetup | undefined }): Promise<RedisRateLimits> {
    const { prefix } = address;
    const redis = await connectRedis(address);
    if (onSetup !== undefined) checkRedis(redis, rateLimitNeeds(prefix), onSetup);
    return new RedisRateLimits({ redis, prefix, instanceCount, onOutage });
  }

  /** Counts something else over the same connection. Names must differ from those counted here. */
  ofOther(counted: Counted): RateLimits {
    const { instanceCount } = this.#outage;
    // These limits report outages of the connection.
    const outage = { instanceCount, onOutage: () => undefined };
    return new RedisRateLimits({
      redis: this.#redis,
      prefix: this.#prefix,
      now: this.#now,
      counted,
      ...outage,
    });
  }

  async count(keyId: string, perMinute: number): Promise<RateLimitResult> {
    const now = this.#now();
    const usedUpUntil = this.#usedUp.get(keyId) ?? now;
    if (now < usedUpUntil)
      return rateLimitResult({ count: Infinity, endsInMs: usedUpUntil - now }, perMinute);
    if (this.#isDown) {
      if (now < this.#askAgainAt) return this.#countLocally(keyId, perMinute);
      this.#askAgainAt = now + ASK_AGAIN_MS;
    }
    try {
      // Only counts one; what that means is decided here.
      const { consumedPoints: count, msBeforeNext: endsInMs } = await this.#counter.penalty(keyId);
      this.#isDown = false;
      if (count >= perMinute) this.#usedUp.set(keyId, now + endsInMs);
      return rateLimitResult({ count, endsInMs }, perMinute);
    } catch (err) {
      if (!this.#isDown) this.#outage.onOutage(err);
      this.#isDown = true;
      this.#askAgainAt = this.#now() + ASK_AGAIN_MS;
      return this.#countLocally(keyId, perMinute);
    }
  }

  async close(): Promise<void> {
    this.#redis.disconnect();
    return Promise.resolve();
  }

  #countLocally(keyId: string, perMinute: number): Promise<RateLimitResult> {
    const share = Math.ceil(perMinute / Math.max(1, this.#outage.instanceCount()));
    return this.#local.count(keyId, share);
  }
}
