import type { KeyId } from '#libs/key-format';
import type { Recorded } from '#libs/revocations';
import type { World } from './world.js';

/** What of an owner can change. */
export interface OwnerFacts {
  readonly role: string;
  readonly suspended: boolean;
}

/** An owner as they are from some time on. */
interface OwnerState extends OwnerFacts {
  readonly since: number;
}

/** A key and its owner as a statement reads them. */
export interface Row {
  readonly id: KeyId;
  readonly ownerId: string;
  readonly owner: OwnerFacts;
  readonly revoked: boolean;
  /** Infinity: never. */
  readonly expiresAt: number;
  /** By the calendar of PostgreSQL, which is right. */
  readonly expired: boolean;
  readonly cacheable: boolean;
}

/** The primary. What is done to it is done in one moment; whoever asked for it hears of that later. */
export class PostgresServer {
  readonly #keys = new Map<
    KeyId,
    { readonly ownerId: string; readonly expiresAt: number; revokedAt: number }
  >();
  /** All states of each owner, the oldest first. */
  readonly #owners = new Map<string, OwnerState[]>();
  #recorded: Recorded | null = null;

  constructor(private readonly world: World) {}

  insertOwner(id: string): void {
    this.#owners.set(id, [{ since: this.world.now, role: 'user', suspended: false }]);
  }

  insert(id: KeyId, ownerId: string, expiresAt: number): void {
    this.#keys.set(id, { ownerId, expiresAt, revokedAt: Infinity });
  }

  /** The row as it is, or as a replica that lags behind would have it, for a gateway that follows `log`. */
  read(id: KeyId, log: string | null, lagMs = 0): Row | undefined {
    const key = this.#keys.get(id);
    if (key === undefined) return undefined;
    const { ownerId, expiresAt, revokedAt } = key;
    const asOf = this.world.now - lagMs;
    const states = this.statesOf(ownerId);
    const owner = states.findLast(({ since }) => since <= asOf) ?? states[0];
    if (owner === undefined) return undefined;
    const cacheable = this.#recorded?.identity === log;
    const expired = expiresAt <= this.world.now;
    return { id, ownerId, owner, revoked: revokedAt <= asOf, expiresAt, expired, cacheable };
  }

  expiryOf(id: KeyId): number {
    return this.#keys.get(id)?.expiresAt ?? Infinity;
  }

  readRecorded(): Recorded | null {
    return this.#recorded;
  }

  replaceRecorded(before: Recorded | null, identity: string): Recorded {
    if (this.#recorded === null || this.#recorded.generation === before?.generation)
      this.#recorded = { identity, generation: (this.#recorded?.generation ?? 0) + 1 };
    return this.#recorded;
  }

  /** Commits a revocation; says whether this one did it. */
  revoke(id: KeyId): boolean {
    const key = this.#keys.get(id);
    if (key?.revokedAt !== Infinity) return false;
    key.revokedAt = this.world.now;
    return true;
  }

  /** Commits a change of an owner, if it is one; answers in which of their states, by its index, that has left them. */
  changeOwner(id: string, change: Partial<OwnerFacts>): { state: number; isChanged: boolean } {
    const states = this.#owners.get(id);
    const before = states?.at(-1);
    if (states === undefined || before === undefined) throw new RangeError(`nobody knows ${id}`);
    const { role = before.role, suspended = before.suspended } = change;
    const isChanged = role !== before.role || suspended !== before.suspended;
    if (isChanged) states.push({ since: this.world.now, role, suspended });
    return { state: states.length - 1, isChanged };
  }

  /** The states that an owner has been in, the oldest first. */
  statesOf(ownerId: string): readonly OwnerState[] {
    return this.#owners.get(ownerId) ?? [];
  }
}
