import { type Allowance, type RateLimits, allowanceOf } from './rate-limits.js';
import { Windows } from './windows.js';

/** How many keys are counted at the same time; only keys that were verified are, so nobody can fill this at will. */
const KEYS = 1_000_000;

/** Exact where one process serves everybody. */
export class InProcessRateLimits implements RateLimits {
  readonly #windows: Windows;

  constructor({ now }: { now?: () => number } = {}) {
    this.#windows = new Windows({ size: KEYS, now });
  }

  count(keyId: string, perMinute: number): Promise<Allowance> {
    return Promise.resolve(allowanceOf(this.#windows.add(keyId), perMinute));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
