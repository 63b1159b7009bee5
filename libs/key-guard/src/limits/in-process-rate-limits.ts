import { type RateLimitResult, type RateLimits, rateLimitResult } from './rate-limits.js';
import { FixedWindowCounter } from './fixed-window-counter.js';

/** How many keys are counted at the same time; only keys that were verified are, so nobody can fill this at will. */
const KEYS = 1_000_000;

/** Exact where one process serves everybody. */
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
