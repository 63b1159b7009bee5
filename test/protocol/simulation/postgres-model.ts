import type { KeyId } from '#libs/key-format';
import type { Recorded, Invalidation } from '#libs/revocations';
import type { SimulatedProcess } from './process.js';
import type { World } from './world.js';

/** What can change about an owner. */
export interface OwnerFacts {
  readonly role: string;
  readonly suspended: boolean;
}

/** An owner's state from some time on. */
interface OwnerState extends OwnerFacts {
  readonly since: number;
}

/** Whether a key is paused, from some time on. */
interface PauseState {
  readonly since: number;
  readonly paused: boolean;
}

/** A key and its owner, as a statement reads them. */
export interface Row {
  readonly id: KeyId;
  readonly ownerId: string;
  readonly owner: OwnerFacts;
  readonly revoked: boolean;
  readonly paused: boolean;
  /** Infinity: never. */
  readonly expiresAt: number;
  /** How long the key has left by PostgreSQL's clock, which is right; null: it never expires. */
  readonly expiresInMs: number | null;
  readonly cacheable: boolean;
}

/** A change in the outbox. While it is being handed over, others skip it. */
export interface Put {
  readonly target: Invalidation;
  readonly at: number;
  heldBy: SimulatedProcess | undefined;
}

/** A process's session with PostgreSQL. */
export interface DatabaseSession {
  readonly process: SimulatedProcess;
  hasEnded: boolean;
}

/** The primary. Each operation is atomic; the client learns of it later. */
export class PostgresServer {
  readonly #keys = new Map<
    KeyId,
    {
      readonly ownerId: string;
      readonly expiresAt: number;
      revokedAt: number;
      /** All of them, the oldest first. */
      readonly pauses: PauseState[];
    }
  >();
  /** All states of each owner, the oldest first. */
  readonly #owners = new Map<string, OwnerState[]>();
  #recorded: Recorded | null = null;
  /** The session that holds the lease on the database. */
  #leaseHolder: DatabaseSession | undefined;
  readonly #outbox = new Set<Put>();
  readonly #bells = new Set<() => void>();

  constructor(private readonly world: World) {}

  insertOwner(id: string): void {
    this.#owners.set(id, [{ since: this.world.now, role: 'user', suspended: false }]);
  }

  insert(id: KeyId, ownerId: string, expiresAt: number): void {
    const pauses = [{ since: this.world.now, paused: false }];
    this.#keys.set(id, { ownerId, expiresAt, revokedAt: Infinity, pauses });
  }

  /** The row as it is, or as a lagging replica would have it, for a gateway that follows `log`. */
  read(id: KeyId, log: string | null, lagMs = 0): Row | undefined {
    const key = this.#keys.get(id);
    if (key === undefined) return undefined;
    const { ownerId, expiresAt, revokedAt, pauses } = key;
    const asOf = this.world.now - lagMs;
    const states = this.statesOf(ownerId);
    const owner = states.findLast(({ since }) => since <= asOf) ?? states[0];
    if (owner === undefined) return undefined;
    const cacheable = this.#recorded?.identity === log;
    const expiresInMs = expiresAt === Infinity ? null : expiresAt - this.world.now;
    const paused = pauses.findLast(({ since }) => since <= asOf)?.paused ?? false;
    return { id, ownerId, owner, revoked: revokedAt <= asOf, paused, expiresAt, expiresInMs, cacheable };
  }

  expiryOf(id: KeyId): number {
    return this.#keys.get(id)?.expiresAt ?? Infinity;
  }

  readRecorded(): Recorded | null {
    return this.#recorded;
  }

  replaceRecorded(before: Recorded | null, identity: string): Recorded {
    if (this.#recorded === null || this.#recorded.generation === before?.generation)
      this.#recorded = {
        identity,
        generation: (this.#recorded?.generation ?? 0) + 1,
        isSettled: this.#recorded === null,
      };
    return this.#recorded;
  }

  settleRecorded(generation: number): 'settled' {
    if (this.#recorded?.generation === generation) this.#recorded = { ...this.#recorded, isSettled: true };
    return 'settled';
  }

  /** Takes the lease for a session, unless another has it or the session has ended. */
  takeLease(session: DatabaseSession): 'held' | 'refused' | 'ended' {
    if (session.hasEnded || session.process.isDead) return 'ended';
    const holder = this.#leaseHolder;
    if (holder === undefined || holder.hasEnded || holder.process.isDead) this.#leaseHolder = session;
    return this.#leaseHolder === session ? 'held' : 'refused';
  }

  /** Ends the session that holds the lease, as a restart of PostgreSQL or a cut connection does. */
  endLease(): void {
    if (this.#leaseHolder !== undefined) this.#leaseHolder.hasEnded = true;
  }

  /** Commits a revocation, and its change in the outbox; returns whether it was the first. */
  revoke(id: KeyId): { isFirst: boolean; put: Put } {
    const key = this.#keys.get(id);
    const isFirst = key?.revokedAt === Infinity;
    if (isFirst) key.revokedAt = this.world.now;
    return { isFirst, put: this.#put({ kind: 'key', id }) };
  }

  /** When the revocation was committed; Infinity if it was not. */
  revokedAt(id: KeyId): number {
    return this.#keys.get(id)?.revokedAt ?? Infinity;
  }

  /** Lets a connection listen for commits. */
  onCommitted(ring: () => void): () => void {
    this.#bells.add(ring);
    return () => this.#bells.delete(ring);
  }

  /** What has been in the outbox for `graceMs` or longer, and is not being handed over. A dead process holds nothing. */
  take(process: SimulatedProcess, graceMs: number): Put[] {
    const due = [...this.#outbox].filter(
      ({ at, heldBy }) => at <= this.world.now - graceMs && (heldBy === undefined || heldBy.isDead),
    );
    for (const put of due) put.heldBy = process;
    return due;
  }

  /** Removes what was added from the outbox, and releases the rest. */
  settle(taken: readonly Put[], added: readonly Put[]): 'settled' {
    for (const put of taken) put.heldBy = undefined;
    for (const put of added) this.#outbox.delete(put);
    return 'settled';
  }

  /** Commits a change of an owner, if it is one; returns the index of the resulting state. */
  changeOwner(id: string, change: Partial<OwnerFacts>): { state: number; isChanged: boolean; put: Put } {
    const states = this.#owners.get(id);
    const before = states?.at(-1);
    if (states === undefined || before === undefined) throw new RangeError(`unknown owner ${id}`);
    const { role = before.role, suspended = before.suspended } = change;
    const isChanged = role !== before.role || suspended !== before.suspended;
    if (isChanged) states.push({ since: this.world.now, role, suspended });
    return { state: states.length - 1, isChanged, put: this.#put({ kind: 'owner', id }) };
  }

  /** Commits a pause or its end, if it changes anything; returns the index of the resulting state. */
  pause(id: KeyId, paused: boolean): { state: number; isChanged: boolean; put: Put } {
    const pauses = this.#keys.get(id)?.pauses;
    if (pauses === undefined) throw new RangeError(`unknown key ${id}`);
    const isChanged = pauses.at(-1)?.paused !== paused;
    if (isChanged) pauses.push({ since: this.world.now, paused });
    return { state: pauses.length - 1, isChanged, put: this.#put({ kind: 'key', id }) };
  }

  /** Whether a key is paused, as that has been, oldest first. */
  pausesOf(id: KeyId): readonly PauseState[] {
    return this.#keys.get(id)?.pauses ?? [];
  }

  /** An owner's states, oldest first. */
  statesOf(ownerId: string): readonly OwnerState[] {
    return this.#owners.get(ownerId) ?? [];
  }

  #put(target: Invalidation): Put {
    const put: Put = { target, at: this.world.now, heldBy: undefined };
    this.#outbox.add(put);
    for (const ring of this.#bells) ring();
    return put;
  }
}
