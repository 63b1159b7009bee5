import type { Invalidation } from '#libs/revocations';
import type { Authentication } from '../../../../libs/key-verifier/src/authentication/authentication.js';
import {
  type InFlight,
  PrincipalCache,
} from '../../../../libs/key-verifier/src/authentication/principal-cache.js';

type CacheParts = ConstructorParameters<typeof PrincipalCache>[0];
type Kept = NonNullable<ReturnType<PrincipalCache['get']>>;

/** A cache that keeps some of what an entry of the log should invalidate. */
export class KeepsInvalidated extends PrincipalCache {
  readonly #kept = new Map<
    string,
    { readonly key: InFlight['key']; readonly answer: Kept; readonly until: number }
  >();
  readonly #parts: CacheParts;

  constructor(
    parts: CacheParts,
    private readonly keeps: (target: Invalidation, answer: Kept) => boolean,
  ) {
    super(parts);
    this.#parts = parts;
  }

  override get(key: InFlight['key']): Kept | undefined {
    const kept = this.#kept.get(key.id);
    const isOld = kept === undefined || this.#parts.clock.now() >= kept.until;
    return super.get(key) ?? (isOld ? undefined : kept.answer);
  }

  override settle(...[flight, answer]: Parameters<PrincipalCache['settle']>): Authentication {
    const landed = super.settle(flight, answer);
    const { key, sentAt, fenced } = flight;
    const kept = super.get(key);
    if (kept === undefined || fenced) return landed;
    const askAgainAt = kept.outcome === 'authenticated' ? kept.askAgainAt : Infinity;
    const until = Math.min(sentAt + this.#parts.cacheTtlMs, askAgainAt);
    this.#kept.set(key.id, { key, answer: kept, until });
    return landed;
  }

  override invalidate(target: Invalidation): void {
    super.invalidate(target);
    for (const [id, { key, answer }] of this.#kept) {
      if (super.get(key) === undefined && !this.keeps(target, answer)) this.#kept.delete(id);
    }
  }
}

/** A cache that keeps track of its flights. */
class TracksFlights extends PrincipalCache {
  protected readonly flights = new Set<InFlight>();

  override begin(key: InFlight['key']): InFlight {
    const flight = super.begin(key);
    this.flights.add(flight);
    return flight;
  }

  override settle(...[flight, answer]: Parameters<PrincipalCache['settle']>): Authentication {
    this.flights.delete(flight);
    return super.settle(flight, answer);
  }
}

/** A cache in which some invalidations do not fence questions in flight. */
export class DoesNotFence extends TracksFlights {
  constructor(
    parts: CacheParts,
    private readonly kind: Invalidation['kind'],
  ) {
    super(parts);
  }

  override invalidate(target: Invalidation): void {
    const fenced = [...this.flights].filter((flight) => flight.fenced);
    super.invalidate(target);
    if (target.kind !== this.kind) return;
    for (const flight of this.flights) flight.fenced = fenced.includes(flight);
  }
}

/** A cache whose fences expire. */
export class FencesTemporarily extends TracksFlights {
  readonly #fencedAt = new Map<InFlight, number>();
  readonly #parts: CacheParts;

  constructor(parts: CacheParts) {
    super(parts);
    this.#parts = parts;
  }

  override invalidate(target: Invalidation): void {
    super.invalidate(target);
    for (const flight of this.flights) {
      if (flight.fenced && !this.#fencedAt.has(flight)) this.#fencedAt.set(flight, this.#parts.clock.now());
    }
  }

  override settle(...[flight, answer]: Parameters<PrincipalCache['settle']>): Authentication {
    const fencedAt = this.#fencedAt.get(flight);
    if (fencedAt !== undefined && this.#parts.clock.now() - fencedAt > 20) flight.fenced = false;
    return super.settle(flight, answer);
  }
}

/** A cache that counts an entry's lifetime from the answer; it still counts a key's remaining time correctly. */
export class CountsFromAnswer extends PrincipalCache {
  readonly #parts: CacheParts;

  constructor(parts: CacheParts) {
    super(parts);
    this.#parts = parts;
  }

  override settle(...[flight, answer]: Parameters<PrincipalCache['settle']>): Authentication {
    super.abandon(flight);
    const { clock, margin } = this.#parts;
    const late = { ...flight, sentAt: clock.now() };
    if (answer.outcome !== 'valid' || answer.expiresInMs == null) return super.settle(late, answer);
    const expiresInMs = answer.expiresInMs - (late.sentAt - flight.sentAt) * margin;
    return super.settle(late, { ...answer, expiresInMs });
  }
}

/** A cache that changes a key's remaining time when the answer comes. */
export class MiscountsRemainingTime extends PrincipalCache {
  constructor(
    parts: CacheParts,
    private readonly miscount: (leftMs: number, sentAt: number) => number | null,
  ) {
    super(parts);
  }

  override settle(...[flight, answer]: Parameters<PrincipalCache['settle']>): Authentication {
    if (answer.outcome !== 'valid' || answer.expiresInMs == null) return super.settle(flight, answer);
    const expiresInMs = this.miscount(answer.expiresInMs, flight.sentAt);
    return super.settle(flight, { ...answer, expiresInMs });
  }
}
