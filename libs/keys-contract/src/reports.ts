/*
 * What gateways report about keys. Each report is answered with true once it is written, or refused. Times are ages in
 * milliseconds instead of timestamps, so that a report is right even if the gateway's clock is not.
 */

/** The status of the error with which keys refuses a report that has not this shape. Sending it again is of no use. */
export const REPORT_REFUSED = 'report_refused';

/** The highest age, in milliseconds: a hundred years. */
export const MAX_AGO_MS = 100 * 365 * 24 * 60 * 60 * 1000;

/** The message that reports which keys were used. */
export const USED_PATTERN = 'used.v1';

/** How many keys a report of uses may name. Their rows are locked while they are written, and a revoke may wait for one. */
export const MAX_USES = 1000;

/** How long ago keys were last used, in milliseconds, by key ID. */
export type Uses = Readonly<Record<string, number>>;

export interface UsedReport {
  /** The service token of the verification RPC. */
  readonly credential: string;
  readonly uses: Uses;
}

/** The message that reports what keys were used for. */
export const ACTIVITY_PATTERN = 'activity.v1';

/** How many entries a report of activity may have. */
export const MAX_ACTIVITY = 500;

/** The longest name of a route, in characters. */
export const MAX_ROUTE_LENGTH = 300;

/** The header of a `GET /v1/me` by which the dashboard tests a key for a person. */
export const KEY_TEST_HEADER = 'x-key-test';

/** The route of such a request in the key's activity, so that a test does not look like a use by a program. */
export const KEY_TEST_ROUTE = 'TEST /v1/me';

/** A request made with a key, and how often it was made. */
export interface ReportedActivity {
  readonly keyId: string;
  /** Method and pattern of the route: `GET /v1/desktops/:id`. */
  readonly route: string;
  /** The status of the response; 499 if the client left before it. */
  readonly status: number;
  /** The client's address as the gateway knows it, or empty. */
  readonly address: string;
  readonly count: number;
  readonly firstAgoMs: number;
  readonly lastAgoMs: number;
}

export interface ActivityReport {
  /** The service token of the verification RPC. */
  readonly credential: string;
  readonly activity: readonly ReportedActivity[];
}
