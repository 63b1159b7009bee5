/** The protocol's times, in milliseconds. Publisher and followers of one log must agree on them. */
export interface Timings {
  /** How long after sending a renewal a gateway may use its cache. */
  readonly leaseMs: number;
  /** How often a gateway renews when no doorbell rings. */
  readonly renewMs: number;
  /** How long after asking about a key a gateway may keep the answer. */
  readonly cacheTtlMs: number;
  /** How much longer than a gateway's time the publisher waits, as a factor: clocks may differ by 1 %. */
  readonly margin: number;
}

export const DEFAULT_TIMINGS: Timings = { leaseMs: 2000, renewMs: 500, cacheTtlMs: 10_000, margin: 1.1 };
