import { Logger } from '@nestjs/common';
import type { Principal } from '#libs/keys-client';
import {
  type RateLimitResult,
  InProcessRateLimits,
  type RateLimits,
  RedisRateLimits,
} from '#libs/rate-limits';
import type { RedisProbe } from '#libs/redis';
import { type RevocationLog, systemClock } from '#libs/revocations';
import { ConcurrentRequests } from './concurrent-requests.js';
import { FailedAuthentications, type Sender } from './failed-authentications.js';
import type { RevocationSource } from './followed-log.js';
import { GatewayCount } from './gateway-count.js';

/** How much is allowed. */
export interface RateLimitOptions {
  /** Requests a minute of a key that has no limit of its own; 60 unless told otherwise. */
  readonly perMinute?: number;
  /** Requests of a key that may be open at the same time in this process, streams included. Default: 64. */
  readonly concurrent?: number;
  /** Refused keys a minute from one address, after which no key from it is looked at that was not found valid before. Default: 10. */
  readonly failedAuthenticationsPerMinute?: number;
}

/**
 * The limits of a guard. Keys are counted where revocations are learnt: in the same Redis, together with all other
 * guards there, or else in this process. Failed authentications are always counted in this process.
 */
export class RequestLimits {
  private constructor(
    private readonly perMinute: number,
    private readonly concurrent?: ConcurrentRequests,
    private readonly keys?: RateLimits,
    private readonly failures?: FailedAuthentications,
    private readonly gateways?: GatewayCount,
    /** How the Redis that counts does; undefined where none does. */
    readonly probe?: RedisProbe,
  ) {}

  static async open(
    options: RateLimitOptions | 'none',
    source: RevocationSource,
    log: RevocationLog,
  ): Promise<RequestLimits> {
    if (options === 'none') return new RequestLimits(0);
    const { perMinute = 60, concurrent = 64, failedAuthenticationsPerMinute = 10 } = options;
    const open = new ConcurrentRequests(concurrent);
    const failures = new FailedAuthentications({ perMinute: failedAuthenticationsPerMinute });
    if (source === 'none' || 'log' in source)
      return new RequestLimits(perMinute, open, new InProcessRateLimits(), failures);

    const logger = new Logger(RequestLimits.name);
    const gateways = new GatewayCount({
      log,
      clock: systemClock,
      onChange: (count) => logger.debug({ gateways: count, msg: 'gateways that share the limits' }),
    });
    const { redisUrl: url, ...place } = source;
    const keys = await RedisRateLimits.connect({
      url,
      ...place,
      onSetup: (level, sentence) => logger[level](sentence),
      onError: (err) => logger.debug(err.message),
      instanceCount: () => gateways.count,
      onAway: (err) =>
        logger.warn({ err, msg: 'Redis is away: each gateway allows its share of the limits' }),
    });
    return new RequestLimits(perMinute, open, keys, failures, gateways, keys.probe);
  }

  start(): void {
    this.gateways?.start();
  }

  async close(): Promise<void> {
    await this.gateways?.stop();
    await this.keys?.close();
  }

  /** Counts a request of an authenticated key; undefined when there are no limits. */
  count({ keyId, rateLimitPerMinute }: Principal): Promise<RateLimitResult> | undefined {
    return this.keys?.count(keyId, rateLimitPerMinute ?? this.perMinute);
  }

  /** How many requests of a key may be open at the same time. */
  get maxConcurrent(): number {
    return this.concurrent?.max ?? Infinity;
  }

  /** Whether a request of the key may be open besides those that are. If so, {@link end} must be called when it is over. */
  begin(keyId: string): boolean {
    return this.concurrent?.begin(keyId) ?? true;
  }

  /** A request that was begun is over. */
  end(keyId: string): void {
    this.concurrent?.end(keyId);
  }

  /** A presented key was refused. */
  addFailure(sender: Sender): void {
    this.failures?.add(sender);
  }

  /** From how many networks only known keys are listened to. */
  get blockedNetworks(): number {
    return this.failures?.blocked ?? 0;
  }

  /** For how many seconds only known keys from there are listened to; undefined when all are. */
  retryAfterSeconds(sender: Sender): number | undefined {
    return this.failures?.retryAfterSeconds(sender);
  }
}
