/** How long a window is, in seconds: limits are per minute. */
export const WINDOW_SECONDS = 60;

/** What became of one more request. */
export interface RateLimitResult {
  /** Whether the request is within the limit. */
  readonly allowed: boolean;
  /** How many requests the window has room for, as it was enforced: less than the limit while that is kept locally. */
  readonly quota: number;
  /** How many more the window has room for. */
  readonly remaining: number;
  /** Until the window is over, in whole seconds, at least 1. After that, a new window has begun. */
  readonly resetSeconds: number;
}

/**
 * Counts requests by key. A window begins with the first request of a key and lasts {@link WINDOW_SECONDS}; what is
 * beyond the limit within it is refused, and does not prolong it.
 */
export interface RateLimits {
  /** Counts a request of the key, which may make `perMinute` in a window. Never rejects, and answers within a second. */
  count(keyId: string, perMinute: number): Promise<RateLimitResult>;

  close(): Promise<void>;
}

/** The allowance of the `count`th request in a window that is over in `endsInMs`. */
export function rateLimitResult({ count, endsInMs }: WindowCount, quota: number): RateLimitResult {
  return {
    allowed: count <= quota,
    quota,
    remaining: Math.max(0, quota - count),
    resetSeconds: Math.max(1, Math.ceil(endsInMs / 1000)),
  };
}

/** How often something has happened in a window, and how many milliseconds of that are left. */
export interface WindowCount {
  readonly count: number;
  readonly endsInMs: number;
}
