/** The protocol's times, in milliseconds. Publisher and followers of a log must agree on them. */
export interface Timings {
  /** How long after sending a renewal a gateway may use its cache. */
  readonly leaseMs: number;
  /** How often a gateway renews if the doorbell does not ring. */
  readonly renewMs: number;
  /** How long a gateway may keep an answer about a key, counted from when it asked. */
  readonly cacheTtlMs: number;
  /** How much longer than a gateway's time the publisher waits, as a factor: clock rates may differ by 1 %. */
  readonly margin: number;
  /** How often a publisher looks at the log while nothing is revoked. */
  readonly lookEveryMs: number;
  /**
   * The maximum time between two looks for the second to detect that the log's memory went back. A publisher that has not
   * looked for longer starts watching again. Ten to fifteen times `lookEveryMs`.
   */
  readonly sightMs: number;
  /** How often the publisher checks whether it is done if no doorbell rings: at first, and after it has waited for long. */
  readonly fastestPollMs: number;
  readonly slowestPollMs: number;
  /** A gateway or publisher that has not been heard from for this long is removed. */
  readonly forgetAfterMs: number;
  /** How long the process that committed a change has to add it to the log before a relay does. */
  readonly outboxGraceMs: number;
  /** How often a relay checks the outbox if the doorbell does not ring. */
  readonly outboxPollMs: number;
}

export const DEFAULT_TIMINGS: Timings = {
  leaseMs: 2000,
  renewMs: 500,
  cacheTtlMs: 10_000,
  margin: 1.1,
  lookEveryMs: 500,
  sightMs: 5000,
  fastestPollMs: 3,
  slowestPollMs: 50,
  forgetAfterMs: 60_000,
  outboxGraceMs: 200,
  outboxPollMs: 1000,
};
