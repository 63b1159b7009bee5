/** A recorded identity. */
export interface Recorded {
  readonly identity: string;
  /** Counts the recorded identities, from 1: an identity that is recorded again gets a new generation. */
  readonly generation: number;
  /**
   * Whether nothing that was cached under an earlier identity can be in use any more. Once true, it stays true for this
   * generation. Always true for the first.
   */
  readonly isSettled: boolean;
}

/**
 * Which log gateways may cache under. It is recorded in the database, where verification reads it in one statement with
 * the key: an answer is `cacheable` only for a gateway that follows the recorded log. So a gateway that follows another
 * log, such as the other half of a split Redis, has nothing cached that the publisher cannot invalidate.
 */
export interface IdentityRecord {
  /** What is recorded now, or null if nothing has been recorded yet. */
  read(): Promise<Recorded | null>;

  /** Replaces `before` with `identity`, unless `before` was replaced already. Returns what is recorded then. */
  replace(before: Recorded | null, identity: string): Promise<Recorded>;

  /** Records that `generation` is settled, if it is still the recorded one. */
  settle(generation: number): Promise<void>;
}
