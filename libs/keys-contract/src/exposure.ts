import * as z from 'zod/mini';

/**
 * The message that reports a key that others have seen. The answer comes once what follows from it is in effect: after
 * `revoked`, no gateway accepts the key. A keys service from before it answers that it has no handler for the message.
 */
export const EXPOSED_PATTERN = 'exposed.v1';

/** Where reported keys come from, as far as this version knows. */
export const EXPOSURE_SOURCES = [
  /** Anybody, by `POST /credentials/revoke`. */
  'public',
  /** GitHub's secret scanning. */
  'github',
  /** The secret detection of gitlab.com, or of a GitLab that is self-managed. */
  'gitlab',
  /** Whoever has TruffleHog verify what it has found. */
  'trufflehog',
  /** A request with the key that was not encrypted. */
  'plain_http',
] as const;
export type ExposureSource = (typeof EXPOSURE_SOURCES)[number];

/** What a source of another version may look like. */
export const EXPOSURE_SOURCE_SHAPE = /^[a-z][a-z0-9_]{0,31}$/;

/** The maximum length of the URL where a key was found, in characters. Longer ones are cut off. */
export const MAX_EXPOSURE_URL = 500;

/** A key that somebody found, such as in a public repository. Having it is what entitles them to report it. */
export interface ExposureReport {
  /** The service token of the verification RPC. */
  readonly credential: string;
  /** The whole key. */
  readonly key: string;
  /** One of {@link EXPOSURE_SOURCES}, or of what a newer version knows. */
  readonly source: string;
  /** Where it was found; null if that is not known. */
  readonly url: string | null;
  /** Who reported it, as an IP address; empty if that is not known. */
  readonly address: string;
  /** The ID of the request that reported it. */
  readonly requestId: string | null;
}

/**
 * The answer. `refused`: there is no such key. `busy`: its secret could not be checked, so nothing was done. `wasUsable`:
 * whether it had neither been revoked nor expired until then.
 */
export const exposureAnswerSchema = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.enum(['revoked', 'marked']), wasUsable: z.boolean() }),
  z.object({ outcome: z.enum(['refused', 'busy']) }),
]);
export type ExposureAnswer = Readonly<z.output<typeof exposureAnswerSchema>>;
