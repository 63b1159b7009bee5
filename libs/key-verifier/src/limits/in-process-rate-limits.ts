import { type RateLimitResult, type RateLimits, rateLimitResult } from './rate-limits.js';
import { FixedWindowCounter } from './fixed-window-counter.js';

/** The maximum number of keys counted at the same time. Only verified keys are, so attackers cannot fill it. */
const KEYS = 1_000_000;

/** Exact if there is only one process. */
export class InProcessRateLimits implements RateLimits {
  readonly #windows: FixedWindowCounter;

  constructor({ now }: { now?: () => number } = {}) {
    this.#windows = new FixedWindowCounter({ size: KEYS, now });
  }

  count(keyId: string, perMinute: number): Promise<RateLimitResult> {
    return Promise.resolve(rateLimitResult(this.#windows.add(keyId), perMinute));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
