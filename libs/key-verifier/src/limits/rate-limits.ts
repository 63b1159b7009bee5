/** How long a window is, in seconds: limits are per minute. */
export const WINDOW_SECONDS = 60;

/** The result of counting a request. */
export interface RateLimitResult {
  /** Whether the request is within the limit. */
  readonly allowed: boolean;
  /** The window's limit as enforced: less than the configured one while it is enforced locally. */
  readonly quota: number;
  /** How many more requests the window has room for. */
  readonly remaining: number;
  /** Until the window ends, in whole seconds, at least 1. */
  readonly resetSeconds: number;
}

/**
 * Counts requests by key. A window begins with the first request of a key and lasts {@link WINDOW_SECONDS}, if nothing
 * else is said; further requests beyond the limit are refused, and do not extend it.
 */
export interface RateLimits {
  /** Counts a request of a key, or something else of that name, that may make `perMinute` in a window. Never rejects, and resolves within a second. */
  count(keyId: string, perMinute: number): Promise<RateLimitResult>;

  close(): Promise<void>;
}

/** The result for the `count`th request in a window that ends in `endsInMs`. */
export function rateLimitResult({ count, endsInMs }: WindowCount, quota: number): RateLimitResult {
  return {
    allowed: count <= quota,
    quota,
    remaining: Math.max(0, quota - count),
    resetSeconds: Math.max(1, Math.ceil(endsInMs / 1000)),
  };
}

/** A count in a window, and how many milliseconds of the window are left. */
export interface WindowCount {
  readonly count: number;
  readonly endsInMs: number;
}
