import type { Timings } from '#libs/revocations';

/**
 * The protocol's times on a smaller scale, so that schedules are short, and with a margin that just covers the clocks: if
 * it were needed for anything else, violations would show.
 */
export const TIMINGS: Timings = {
  leaseMs: 200,
  renewMs: 70,
  cacheTtlMs: 400,
  margin: 1.011,
  lookEveryMs: 30,
  sightMs: 300,
  fastestPollMs: 2,
  slowestPollMs: 20,
  forgetAfterMs: 500,
  outboxGraceMs: 30,
  outboxPollMs: 150,
};

/** How long a process waits for Redis, PostgreSQL, or keys, in milliseconds. */
export const TIMEOUT_MS = { redis: 60, postgres: 150, keys: 120 };
