import type { Target } from '#libs/revocations';
import { type Flight, PrincipalCache } from '../../../libs/key-guard/src/principal-cache.js';

type CacheParts = ConstructorParameters<typeof PrincipalCache>[0];
type Kept = NonNullable<ReturnType<PrincipalCache['get']>>;

/** A cache that keeps some of what an entry of the log should drop. */
export class KeepsWhatIsDropped extends PrincipalCache {
  readonly #kept = new Map<
    string,
    { readonly key: Flight['key']; readonly answer: Kept; readonly until: number }
  >();
  readonly #parts: CacheParts;

  constructor(
    parts: CacheParts,
    private readonly keeps: (target: Target, answer: Kept) => boolean,
  ) {
    super(parts);
    this.#parts = parts;
  }

  override get(key: Flight['key']): Kept | undefined {
    const kept = this.#kept.get(key.id);
    const isOld = kept === undefined || this.#parts.clock.now() >= kept.until;
    return super.get(key) ?? (isOld ? undefined : kept.answer);
  }

  override land(...[flight, answer]: Parameters<PrincipalCache['land']>): void {
    super.land(flight, answer);
    const { key, sentAt, fenced } = flight;
    const kept = super.get(key);
    if (kept === undefined || fenced) return;
    this.#kept.set(key.id, { key, answer: kept, until: sentAt + this.#parts.cacheTtlMs });
  }

  override drop(target: Target): void {
    super.drop(target);
    for (const [id, { key, answer }] of this.#kept) {
      if (super.get(key) === undefined && !this.keeps(target, answer)) this.#kept.delete(id);
    }
  }
}

/** A cache that knows its flights. */
class KnowsFlights extends PrincipalCache {
  protected readonly flights = new Set<Flight>();

  override takeOff(key: Flight['key']): Flight {
    const flight = super.takeOff(key);
    this.flights.add(flight);
    return flight;
  }

  override land(...[flight, answer]: Parameters<PrincipalCache['land']>): void {
    this.flights.delete(flight);
    super.land(flight, answer);
  }
}

/** A cache in which drops of one kind leave the questions in flight alone. */
export class FencesNot extends KnowsFlights {
  constructor(
    parts: CacheParts,
    private readonly kind: Target['kind'],
  ) {
    super(parts);
  }

  override drop(target: Target): void {
    const fenced = [...this.flights].filter((flight) => flight.fenced);
    super.drop(target);
    if (target.kind !== this.kind) return;
    for (const flight of this.flights) flight.fenced = fenced.includes(flight);
  }
}

/** A cache whose fences are gone after a time. */
export class FencesForAWhile extends KnowsFlights {
  readonly #fencedAt = new Map<Flight, number>();
  readonly #parts: CacheParts;

  constructor(parts: CacheParts) {
    super(parts);
    this.#parts = parts;
  }

  override drop(target: Target): void {
    super.drop(target);
    for (const flight of this.flights) {
      if (flight.fenced && !this.#fencedAt.has(flight)) this.#fencedAt.set(flight, this.#parts.clock.now());
    }
  }

  override land(...[flight, answer]: Parameters<PrincipalCache['land']>): void {
    const fencedAt = this.#fencedAt.get(flight);
    if (fencedAt !== undefined && this.#parts.clock.now() - fencedAt > 20) flight.fenced = false;
    super.land(flight, answer);
  }
}

/** A cache that counts an entry’s time from when the answer came. */
export class CountsFromTheAnswer extends PrincipalCache {
  readonly #parts: CacheParts;

  constructor(parts: CacheParts) {
    super(parts);
    this.#parts = parts;
  }

  override land(...[flight, answer]: Parameters<PrincipalCache['land']>): void {
    super.land(flight, undefined);
    super.land({ ...flight, sentAt: this.#parts.clock.now() }, answer);
  }
}
