/** The message pattern by which a gateway tells what keys have done; its answer is true once that is written. */
export const ACTIVITY_PATTERN = 'activity.v1';

/** How many entries one message may have. */
export const ACTIVITY_LIMIT = 500;

/** The longest name of a route that is kept, in characters. */
export const ROUTE_LIMIT = 300;

/**
 * The same request of a key, however often it was made. Ages in milliseconds and not moments, as in a report of uses.
 */
export interface ReportedActivity {
  readonly keyId: string;
  /** The method and pattern of the route: `GET /v1/desktops/:id`. */
  readonly route: string;
  /** What it was answered; 499 where the client had left before. */
  readonly status: number;
  /** The address that it came from, as the gateway knows it; empty when it does not. */
  readonly address: string;
  readonly count: number;
  readonly firstAgoMs: number;
  readonly lastAgoMs: number;
}

/** What a gateway tells. */
export interface ActivityReport {
  /** The credential of the verification RPC. */
  readonly credential: string;
  readonly activity: readonly ReportedActivity[];
}
