/** An identity as it is recorded. */
export interface Recorded {
  readonly identity: string;
  /** Counts the identities that have been recorded, from 1: what was recorded once and again has two generations. */
  readonly generation: number;
  /**
   * Whether nothing that was cached under an identity recorded before can be in use any more. It never ceases to be so
   * while the generation is the same. True of the first one.
   */
  readonly isSettled: boolean;
}

/**
 * Which log gateways may cache under. It stands in the database, where verification reads it in one statement with the
 * key: an answer is `cacheable` only for a gateway that follows the log recorded there. So a gateway that follows
 * another log, such as the other half of a split Redis, has nothing cached that the publisher could not take away.
 */
export interface IdentityRecord {
  /** What is recorded now, or null when nothing has ever been. */
  read(): Promise<Recorded | null>;

  /** Records `identity` in the place of `before`, unless that was replaced already. Answers what is recorded then. */
  replace(before: Recorded | null, identity: string): Promise<Recorded>;

  /** Notes that `generation` is settled, if it is still what is recorded. */
  settle(generation: number): Promise<void>;
}
