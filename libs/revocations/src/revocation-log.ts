/**
 * What a gateway must drop and ask about again. An entry never carries state: what became of a key or an owner is
 * read from the database, so that a late entry can do no harm.
 */
export type Invalidation =
  | { readonly kind: 'key'; readonly id: string }
  | { readonly kind: 'owner'; readonly id: string }
  | { readonly kind: 'everything' };

/** An entry of the log. Numbers are consecutive from 1, so that a missing one shows. */
export interface Entry {
  readonly number: number;
  readonly target: Invalidation;
}

/**
 * A point in the log's history: the number of an entry, and the token that no other entry ever has. Numbers can be
 * given out again when the log's memory goes back; tokens cannot, so a position stands for the whole way to it. Position
 * 0 is the beginning of a log, and its token the log's nonce.
 */
export interface Position {
  readonly number: number;
  readonly token: string;
}

/** The position of a gateway that has followed no log yet: it is in no log. */
export const NOWHERE: Position = { number: 0, token: '' };

/** What a gateway tells the log about itself when it renews. */
export interface RenewalRequest {
  /** New at each start of a gateway: a restarted one is another one. */
  readonly instance: string;
  /** How many renewals the gateway has sent, this one included. It is the gateway's own count, so it never repeats. */
  readonly beat: number;
  /** The log it follows, or null when it follows none yet. */
  readonly identity: string | null;
  /** Up to where it has applied the log. */
  readonly position: Position;
}

/** What a renewal finds, all of it at one moment. */
export interface Renewal {
  readonly identity: string;
  /** Whether the log is the one that the gateway follows, and the gateway's position is in its history. */
  readonly isKnown: boolean;
  /** The position of the newest entry. */
  readonly last: Position;
  /** The entries after the gateway's position, oldest first; none when the position is not known. */
  readonly entries: readonly Entry[];
}

/** A gateway as the log knows it. */
export interface Member {
  readonly instance: string;
  /** Goes up with each renewal: one that stands still belongs to a gateway that is gone, frozen or cut off. */
  readonly beat: number;
  /** The number of the last entry it has applied, or -1 when it has applied none of this history. */
  readonly acknowledged: number;
}

/** What a publisher leaves in the log with each look, to find out with the next whether the log's memory went back. */
export interface LookRequest {
  /** New at each start of a publisher. */
  readonly publisher: string;
  /** New whenever the publisher begins to watch: a mark of another sight is not its own. */
  readonly sight: string;
  /** The number of this look within the sight, from 1. */
  readonly look: number;
  /** The number of the newest look that was answered; null for the look that opens the sight. */
  readonly reference: number | null;
  /** An entry of the publisher's own: is it still there? */
  readonly own?: Position | undefined;
}

/** What a look finds, all of it at one moment. */
export interface Look {
  readonly identity: string;
  readonly members: readonly Member[];
  /** Whether what the reference look left is still there: the log's memory has not gone back to before it. */
  readonly isIntact: boolean;
  /** Whether the own entry is in the log's history; false when none was asked about. */
  readonly holdsOwn: boolean;
  /** The other publishers and what they have left: one that stands still is gone. */
  readonly marks: readonly Mark[];
  /**
   * Since when, on this process' clock, everything that is cached under a log within a process is cached in this one.
   * Undefined for a log that several processes share.
   */
  readonly aloneSince?: number;
}

/** What a publisher has left in the log, as one text. */
export interface Mark {
  readonly publisher: string;
  readonly mark: string;
}

/**
 * The log of revocations: where keys services add what must be dropped, and gateways learn of it.
 *
 * Each call is atomic, and rejects within a bounded time when the log cannot be reached. The log may lose what it holds,
 * in part or whole, or go back to what it held before: the identity, tokens, marks and the count of members are there to
 * let that show. See docs/decisions/0004.
 */
export interface RevocationLog {
  /** Adds an entry and rings the doorbell. Answers the log's identity and the entry's position. */
  add(target: Invalidation): Promise<{ readonly identity: string } & Position>;

  /** Registers the gateway or notes its beat; its position counts as acknowledged if it is known. */
  renew(request: RenewalRequest): Promise<Renewal>;

  /**
   * Notes that the gateway has applied all entries up to its position; does nothing if that is not in the history. Rings
   * the doorbell of publishers if it was the last gateway to do so.
   */
  acknowledge(instance: string, position: Position): Promise<void>;

  /** Finds the members and whether the log is as it was left, and leaves a mark. */
  look(request: LookRequest): Promise<Look>;

  /** The gateways that are registered, for those who only count them. */
  members(): Promise<readonly Member[]>;

  /** Takes a gateway off the list: at its own request, or, given `beat`, if it has not renewed since. */
  remove(instance: string, beat?: number): Promise<void>;

  /** Removes what a publisher has left, if it is still that. */
  removeMark(mark: Mark): Promise<void>;

  /** Calls `listener` soon after entries are added. It may miss some: a doorbell, not a delivery. */
  onAdded(listener: () => void): () => void;

  /**
   * Calls `listener` soon after all gateways have acknowledged the entry of that number. It may miss some, and the number
   * may belong to a history that is gone: a doorbell, not a proof.
   */
  onAcknowledged(listener: (number: number) => void): () => void;

  close(): Promise<void>;
}
