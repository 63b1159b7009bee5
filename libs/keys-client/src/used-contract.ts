/** The message pattern by which a gateway tells which keys were used; its answer is true once that is written. */
export const USED_PATTERN = 'used.v1';

/** How many keys one message may name. Their rows are held while they are written, and a revoke may wait for one. */
export const USED_LIMIT = 1000;

/** The longest time ago that makes sense, in milliseconds: a hundred years. */
export const LONGEST_AGO_MS = 100 * 365 * 24 * 60 * 60 * 1000;

/**
 * How long ago keys were used last, in milliseconds by their ids. Ages and not moments, so that a gateway whose clock
 * is wrong tells the truth all the same.
 */
export type Uses = Readonly<Record<string, number>>;

/** What a gateway tells. */
export interface UsedReport {
  /** The credential of the verification RPC. */
  readonly credential: string;
  readonly uses: Uses;
}
