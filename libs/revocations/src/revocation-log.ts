/**
 * What a gateway must drop and ask about again. An entry never carries state: what became of a key or an owner is
 * read from the database, so that a late entry can do no harm.
 */
export type Target =
  | { readonly kind: 'key'; readonly id: string }
  | { readonly kind: 'owner'; readonly id: string }
  | { readonly kind: 'everything' };

/** An entry of the log. Numbers are consecutive from 1, so that a missing one shows. */
export interface Entry {
  readonly number: number;
  readonly target: Target;
}

/** What a gateway tells the log about itself. */
export interface Position {
  /** Made anew at each start of a gateway: a restarted one is another one. */
  readonly instance: string;
  /** The log it follows, or null when it follows none yet. */
  readonly identity: string | null;
  /** The last entry it has applied. */
  readonly position: number;
}

/** What a renewal finds, all of it at one moment. */
export interface Renewal {
  readonly identity: string;
  /** The number of the newest entry, 0 when there is none. */
  readonly last: number;
  /** The entries after the position, oldest first; none when the identity is not the one the gateway follows. */
  readonly entries: readonly Entry[];
}

/** A gateway as the log knows it. */
export interface Member {
  readonly instance: string;
  /** Goes up with each renewal: one that stands still belongs to a gateway that is gone, frozen or cut off. */
  readonly renewals: number;
  /** The last entry it says it has applied, or -1 when it has not said so for this identity. */
  readonly acknowledged: number;
}

/**
 * The log of revocations: where keys services add what must be dropped, and gateways learn of it.
 *
 * Each call is atomic, and rejects within a bounded time when the log cannot be reached. The identity names the log's
 * history: while it is the same, no entry has been lost or taken back. Entries a gateway has missed beyond what the
 * log keeps show as a gap in their numbers.
 */
export interface RevocationLog {
  /**
   * Whether all who follow the log live in this process, and nobody else serves the same database: then the identity
   * cannot change, and no cache outlives it.
   */
  readonly identityIsCertain: boolean;

  /** Adds an entry and rings the doorbell. */
  add(target: Target): Promise<{ readonly identity: string; readonly number: number }>;

  /** Registers the gateway or counts its renewal up; its position counts as acknowledged if it follows this identity. */
  renew(position: Position): Promise<Renewal>;

  /** Notes that the gateway has applied all entries up to its position; does nothing if the identity is another. */
  acknowledge(position: Position): Promise<void>;

  /** The gateways that are registered. */
  members(): Promise<{ readonly identity: string; readonly members: readonly Member[] }>;

  /** Takes a gateway off the list: at its own request, or, given `renewals`, if it has not renewed since. */
  remove(instance: string, renewals?: number): Promise<void>;

  /** Calls `listener` soon after entries are added. It may miss some: a doorbell, not a delivery. */
  onAdded(listener: () => void): () => void;

  close(): Promise<void>;
}
