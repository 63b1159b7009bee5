import type { Verification } from '#libs/keys-client';
import type { RedisProbe } from '#libs/redis';
import type { RevocationFollower } from '#libs/revocations';
import type { Authenticator } from './authentication/authenticator.js';
import type { FollowedLog } from './followed-log.js';
import type { OpenResponses } from './responses/open-responses.js';
import type { KeyActivity } from './reports/key-activity.js';
import type { PrincipalCache } from './authentication/principal-cache.js';
import type { RequestLimits } from './limits/request-limits.js';
import type { UsedKeys } from './reports/used-keys.js';

interface Parts {
  readonly authenticator: Authenticator;
  readonly cache: PrincipalCache;
  readonly cacheSize: number;
  readonly open: OpenResponses;
  readonly limits: RequestLimits;
  readonly log: FollowedLog;
  readonly follower: RevocationFollower;
  readonly used: UsedKeys;
  readonly activity: KeyActivity;
}

/**
 * Statistics of a guard since the process was started: plain numbers, for the application's own metrics.
 */
export class GuardStats {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Whether revocations are followed and cached keys may be used, at this moment. */
  get holdsLease(): boolean {
    return this.#parts.follower.holdsLease;
  }

  /** Whether the doorbell works; undefined if none is needed. */
  get isDoorbellListening(): boolean | undefined {
    return this.#parts.log.isDoorbellListening();
  }

  /** How many presented keys were in the cache, and how many genuine ones were verified by an RPC. */
  get cacheLookups(): Readonly<Record<'hit' | 'miss', number>> {
    const { hits, misses } = this.#parts.authenticator.counts;
    return { hit: hits, miss: misses };
  }

  /** How many answers are cached, and their maximum. */
  get cached(): { readonly entries: number; readonly max: number } {
    return { entries: this.#parts.cache.size, max: this.#parts.cacheSize };
  }

  /** Verification RPCs, by outcome. */
  get questions(): Readonly<Record<Verification['outcome'], number>> {
    return this.#parts.authenticator.counts.questions;
  }

  /** Networks from which only known keys are accepted, after too many refused ones. */
  get blockedNetworks(): number {
    return this.#parts.limits.blockedNetworks;
  }

  /** Responses to requests with keys that are being sent, streams included. */
  get openResponses(): number {
    return this.#parts.open.size;
  }

  /** Responses that were cut off because their keys became inactive. */
  get cutOffResponses(): number {
    return this.#parts.open.cutOff;
  }

  /** Uses and activity that were dropped because keys refused the report. */
  get droppedReportEntries(): number {
    return this.#parts.used.dropped + this.#parts.activity.dropped;
  }

  /** Its connections to Redis, by their purpose. */
  get redis(): Readonly<Record<string, RedisProbe>> {
    const [revocations, limits] = [this.#parts.log.probe, this.#parts.limits.probe];
    return {
      ...(revocations !== undefined && { revocations }),
      ...(limits !== undefined && { 'rate-limits': limits }),
    };
  }
}
