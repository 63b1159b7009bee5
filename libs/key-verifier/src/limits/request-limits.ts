import { networkOf } from '#libs/client-address';
import { systemClock } from '#libs/clock';
import type { Principal } from '#libs/keys-contract';
import type { RedisProbe } from '#libs/redis';
import type { RevocationLog } from '#libs/revocations';
import { ConcurrentRequests, type OpenCount } from './concurrent-requests.js';
import { FailedAuthentications, type Sender } from './failed-authentications.js';
import type { RevocationSource } from '../followed-log.js';
import type { Log } from '../log.js';
import { GatewayCount } from './gateway-count.js';
import { InProcessRateLimits } from './in-process-rate-limits.js';
import type { RateLimitResult, RateLimits } from './rate-limits.js';
import { RedisRateLimits } from './redis-rate-limits.js';

/** The limits. */
export interface RateLimitOptions {
  /** Requests per minute of a key without a limit of its own. Default: 60. */
  readonly perMinute?: number | undefined;
  /** Requests per minute of all keys of one owner together. Default: no limit. */
  readonly ownerPerMinute?: number | undefined;
  /** Open requests of a key in this process, streams included. Default: 64. */
  readonly concurrent?: number | undefined;
  /** The same for all keys of one owner together. Default: four times as many as for a key. */
  readonly concurrentPerOwner?: number | undefined;
  /** Refused keys per minute from one address. Beyond it, only known valid keys are accepted from there. Default: 10. */
  readonly failedAuthenticationsPerMinute?: number | undefined;
}

/** The room that an open request takes from the limits of its key and its owner. */
export interface OpenShares {
  readonly key: OpenCount;
  readonly owner: OpenCount;
}

/** The limit that is reached. */
export interface UsedUpShare {
  readonly usedUp: 'key' | 'owner';
  /** Its maximum. */
  readonly max: number;
}

/** Reports of exposed keys are counted per hour, and for so many networks at the same time. */
const REPORTS = { windowSeconds: 3600, size: 100_000 };

/** For no limits. */
const UNLIMITED: OpenShares = { key: { open: 0 }, owner: { open: 0 } };

/** What is counted, and by what. */
interface Counters {
  readonly perMinute: number;
  readonly ownerPerMinute: number | undefined;
  readonly requests: RateLimits;
  readonly reports: RateLimits;
  readonly openOfKey: ConcurrentRequests;
  readonly openOfOwner: ConcurrentRequests;
  readonly failures: FailedAuthentications;
  /** How many guards share the limits, and the state of the Redis that counts; undefined if this process counts alone. */
  readonly shared?: { readonly gateways: GatewayCount; readonly probe: RedisProbe };
}

/**
 * The limits of a guard. Requests per minute are counted where revocations are followed: in the same Redis, together with
 * all other guards there, or else in this process. Open requests and failed authentications are always counted in this
 * process.
 */
export class RequestLimits {
  private constructor(private readonly counters?: Counters) {}

  static async open(
    options: RateLimitOptions | 'none',
    source: RevocationSource,
    revocations: RevocationLog,
    log: Log,
  ): Promise<RequestLimits> {
    if (options === 'none') return new RequestLimits();
    const { concurrent = 64, failedAuthenticationsPerMinute = 10 } = options;
    const { concurrentPerOwner = 4 * concurrent } = options;
    const counters = {
      perMinute: options.perMinute ?? 60,
      ownerPerMinute: options.ownerPerMinute,
      openOfKey: new ConcurrentRequests(concurrent),
      openOfOwner: new ConcurrentRequests(concurrentPerOwner),
      failures: new FailedAuthentications({ perMinute: failedAuthenticationsPerMinute }),
    };
    if (source === 'none' || 'log' in source)
      return new RequestLimits({
        ...counters,
        requests: new InProcessRateLimits(),
        reports: new InProcessRateLimits(REPORTS),
      });

    const gateways = new GatewayCount({
      log: revocations,
      clock: systemClock,
      onChange: (count) => log.debug({ gateways: count, msg: 'gateways that share the limits' }),
    });
    const { redisUrl: url, ...place } = source;
    const requests = await RedisRateLimits.connect({
      url,
      ...place,
      onSetup: (level, sentence) => log[level](sentence),
      onError: (err) => log.debug(err.message),
      instanceCount: () => gateways.count,
      onOutage: (err) =>
        log.warn({ err, msg: 'Redis is unavailable: each gateway allows its share of the limits' }),
    });
    return new RequestLimits({
      ...counters,
      requests,
      reports: requests.ofOther(REPORTS),
      shared: { gateways, probe: requests.probe },
    });
  }

  start(): void {
    this.counters?.shared?.gateways.start();
  }

  async close(): Promise<void> {
    await this.counters?.shared?.gateways.stop();
    await this.counters?.requests.close();
  }

  /** The state of the Redis that counts; undefined without one. */
  get probe(): RedisProbe | undefined {
    return this.counters?.shared?.probe;
  }

  /** Counts a request of an authenticated key; undefined when there are no limits. */
  count({ keyId, rateLimitPerMinute }: Principal): Promise<RateLimitResult> | undefined {
    return this.counters?.requests.count(keyId, rateLimitPerMinute ?? this.counters.perMinute);
  }

  /** Counts a request of the key's owner, if the key's own limit allows it; undefined if owners have no limit. */
  countOwner({ owner }: Principal): Promise<RateLimitResult> | undefined {
    const perMinute = this.counters?.ownerPerMinute;
    if (perMinute === undefined) return undefined;
    // Key IDs have no colon.
    return this.counters?.requests.count(`owner:${owner.id}`, perMinute);
  }

  /** Counts a report of exposed keys by the sender's network, of `perHour` per hour; undefined when there are no limits. */
  countReport({ ip }: Sender, perHour: number): Promise<RateLimitResult> | undefined {
    return this.counters?.reports.count(`exposure:${networkOf(ip)}`, perHour);
  }

  /** Takes room for an open request. It must be released by {@link end}, unless the limit was reached. */
  begin({ keyId, owner }: Principal): OpenShares | UsedUpShare {
    if (this.counters === undefined) return UNLIMITED;
    const { openOfKey, openOfOwner } = this.counters;
    const ofKey = openOfKey.begin(keyId);
    if (ofKey === undefined) return { usedUp: 'key', max: openOfKey.max };
    const ofOwner = openOfOwner.begin(owner.id);
    if (ofOwner !== undefined) return { key: ofKey, owner: ofOwner };
    openOfKey.end(ofKey);
    return { usedUp: 'owner', max: openOfOwner.max };
  }

  /** An open request is over. */
  end({ key, owner }: OpenShares): void {
    this.counters?.openOfKey.end(key);
    this.counters?.openOfOwner.end(owner);
  }

  /** A presented key was refused. */
  addFailure(sender: Sender): void {
    this.counters?.failures.add(sender);
  }

  /** How many networks are blocked. */
  get blockedNetworks(): number {
    return this.counters?.failures.blocked ?? 0;
  }

  /** For how many seconds the network is blocked, except for known keys; undefined if it is not. */
  retryAfterSeconds(sender: Sender): number | undefined {
    return this.counters?.failures.retryAfterSeconds(sender);
  }
}
