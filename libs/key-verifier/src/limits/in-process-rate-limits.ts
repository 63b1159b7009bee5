import { type RateLimitResult, type RateLimits, rateLimitResult } from './rate-limits.js';
import { FixedWindowCounter } from './fixed-window-counter.js';

/** The maximum number of keys counted at the same time. Only verified keys are, so attackers cannot fill it. */
const KEYS = 1_000_000;

/** What is counted, if not the requests of keys per minute. */
export interface Counted {
  readonly windowSeconds: number;
  /** How many names are counted at the same time; beyond that the oldest is forgotten early. */
  readonly size: number;
}

/** Exact if there is only one process. */
export class InProcessRateLimits implements RateLimits {
  readonly #windows: FixedWindowCounter;

  constructor({ now, size = KEYS, windowSeconds }: { now?: () => number } & Partial<Counted> = {}) {
    this.#windows = new FixedWindowCounter({ size, windowSeconds, now });
  }

  count(keyId: string, perMinute: number): Promise<RateLimitResult> {
    return Promise.resolve(rateLimitResult(this.#windows.add(keyId), perMinute));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
