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
  /** How often a publisher looks at the log when nothing is revoked. */
  readonly lookEveryMs: number;
  /**
   * How much time may lie between two looks of which the second can tell that the log's memory went back. A publisher
   * that has not looked for longer begins to watch again. Ten to fifteen times `lookEveryMs`.
   */
  readonly sightMs: number;
  /** How often the publisher looks whether it is done when no doorbell rings: at first, and when it has waited long. */
  readonly fastestPollMs: number;
  readonly slowestPollMs: number;
  /** A gateway or a publisher that has not been heard of for so long is taken off the list. */
  readonly forgetAfterMs: number;
  /** How long the process that has committed a change has to add it to the log, before a relay does. */
  readonly outboxGraceMs: number;
  /** How often a relay looks into the outbox when no doorbell rings. */
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
