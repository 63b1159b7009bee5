/**
 * What a gateway must drop and ask about again. It never carries state: what became of a key or an owner is read from
 * the database, so that a late entry does no harm.
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
 * A point in the log's history: the number of an entry, and a token that no other entry has. Numbers can be assigned
 * again when the log's memory goes back; tokens cannot, so a position identifies the whole history up to it. Position 0
 * is the beginning of a log, with the log's nonce as its token.
 */
export interface Position {
  readonly number: number;
  readonly token: string;
}

/** The position of a gateway that has not followed a log yet: it is in no log. */
export const NOWHERE: Position = { number: 0, token: '' };

/** What a gateway tells the log when it renews. */
export interface RenewalRequest {
  /** New at each start: a restarted gateway is another one. */
  readonly instance: string;
  /** How many renewals the gateway has sent, including this one. It is the gateway's own count, so it never repeats. */
  readonly beat: number;
  /** The log it follows, or null if none yet. */
  readonly identity: string | null;
  /** How far it has applied the log. */
  readonly position: Position;
}

/** What a renewal finds, all at one moment. */
export interface Renewal {
  readonly identity: string;
  /** Whether this is the log that the gateway follows, with the gateway's position in its history. */
  readonly isKnown: boolean;
  /** The position of the newest entry. */
  readonly last: Position;
  /** The entries after the gateway's position, oldest first; none if the position is not known. */
  readonly entries: readonly Entry[];
}

/** A gateway as the log knows it. */
export interface Member {
  readonly instance: string;
  /** Increases with each renewal: if it stands still, the gateway is gone, frozen or cut off. */
  readonly beat: number;
  /** The number of the last entry it has applied, or -1 if it has applied none of this history. */
  readonly acknowledged: number;
}

/** What a publisher leaves in the log with each look, so that the next shows whether the log's memory went back. */
export interface LookRequest {
  /** New at each start of a publisher. */
  readonly publisher: string;
  /** New whenever the publisher starts watching: a mark of another sight is not its own. */
  readonly sight: string;
  /** The number of this look within the sight, from 1. */
  readonly look: number;
  /** The number of the newest look that was answered; null for the look that opens the sight. */
  readonly reference: number | null;
  /** An entry that this publisher added, to find out whether it is still there. */
  readonly own?: Position | undefined;
}

/** What a look finds, all at one moment. */
export interface Look {
  readonly identity: string;
  readonly members: readonly Member[];
  /** Whether the reference look's mark is still there: the log's memory has not gone back to before it. */
  readonly isIntact: boolean;
  /** Whether the publisher's entry is in the log's history; false if none was given. */
  readonly holdsOwn: boolean;
  /** The other publishers and their marks: if one stands still, that publisher is gone. */
  readonly marks: readonly Mark[];
  /**
   * The time on this process's clock since when everything cached under an in-process log is cached in this process.
   * Undefined for a log that several processes share.
   */
  readonly aloneSince?: number;
}

/** A publisher's mark, as one text. */
export interface Mark {
  readonly publisher: string;
  readonly mark: string;
}

/**
 * The revocation log: keys services add what must be dropped, and gateways learn of it.
 *
 * Each call is atomic, and rejects within a bounded time if the log cannot be reached. The log may lose its contents, in
 * part or completely, or go back to earlier contents: identity, tokens, marks and the count of members reveal that. See
 * docs/decisions/0004.
 */
export interface RevocationLog {
  /** Adds an entry and rings the doorbell. Returns the log's identity and the entry's position. */
  add(target: Invalidation): Promise<{ readonly identity: string } & Position>;

  /** Registers the gateway or updates its beat; its position counts as acknowledged if it is known. */
  renew(request: RenewalRequest): Promise<Renewal>;

  /**
   * Notes that the gateway has applied all entries up to its position; does nothing if that is not in the history. Rings
   * the doorbell of publishers if it was the last gateway to do so.
   */
  acknowledge(instance: string, position: Position): Promise<void>;

  /** Finds the members and whether the log is as it was left, and leaves a mark. */
  look(request: LookRequest): Promise<Look>;

  /** The registered gateways, for those who only count them. */
  members(): Promise<readonly Member[]>;

  /** Deregisters a gateway: at its own request, or, given `beat`, if it has not renewed since. */
  remove(instance: string, beat?: number): Promise<void>;

  /** Removes a publisher's mark, if it has not changed. */
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
