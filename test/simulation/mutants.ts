import type { Entry, Member, Renewal, RevocationLog, Target } from '#libs/revocations';
import { type Authentication, Authenticator } from '../../libs/key-guard/src/authenticator.js';
import { type Flight, PrincipalCache } from '../../libs/key-guard/src/principal-cache.js';
import type { SimulatedProcess } from './process.js';
import type { SimulatedRedisLog } from './redis-model.js';
import { TIMINGS } from './timings.js';
import type { Row } from './postgres-model.js';
import type { Variant } from './variant.js';

/** A rule taken away, and how many schedules it takes at most to see the promise broken. */
export interface Mutant {
  readonly without: string;
  readonly within: number;
  /** Made anew for each schedule: it may remember. */
  readonly variant: () => Variant;
}

/**
 * The protocol without one of its rules at a time. Not among them:
 * - R10, acknowledging does nothing if the identity differs. Its absence is not found in 20,000 schedules: an
 *   acknowledgement meant for another history arrives within moments of its change, and by then nobody trusts the
 *   new identity yet (R19). It stays, as it costs nothing.
 * - R22, an identity must have been seen for a lease's time: R19 asks for more, and the code has it no more.
 * - R25, an entry carries no state: it has no field for any.
 * - the margin. Without it a wait is too short by 1 % at most, and no request has hit that in 20,000 schedules.
 * - the outbox, which is still to come.
 */
export const MUTANTS: readonly Mutant[] = [
  {
    without: 'R1: Redis’ clock is used for nothing; here it tells which gateways are gone',
    within: 3000,
    variant: () => ({
      publishedLog: (log) =>
        changed(log, {
          members: async () => {
            const { identity, members } = await log.members();
            const isGone = ({ instance }: Member): boolean => log.serverNow.ageOf(instance) > TIMINGS.leaseMs;
            return { identity, members: members.filter((member) => !isGone(member)) };
          },
        }),
    }),
  },
  {
    without: 'R2: numbers are consecutive, so that a gap shows',
    within: 1500,
    variant: () => ({
      followedLog: (log) =>
        changed(log, {
          renew: async (position) => {
            const renewal = await log.renew(position);
            return renewal.identity === position.identity ? withoutGaps(renewal, position.position) : renewal;
          },
        }),
    }),
  },
  {
    without: 'R3: the nonce is part of the identity',
    within: 1500,
    variant: () => ({ redis: { identity: (replicationId) => replicationId } }),
  },
  {
    without: 'R3: the replication id is part of the identity',
    within: 1500,
    variant: () => ({ redis: { identity: (_, nonce) => nonce } }),
  },
  {
    without: 'R4: an instance id is new at every start; here it is the host’s',
    within: 1500,
    variant: () => ({ instance: (process) => process.host }),
  },
  {
    without: 'R5: a doorbell never moves the position',
    within: 8000,
    variant: () => ({ followedLog: (log, cache) => movedByDoorbell(log, cache) }),
  },
  {
    without: 'R6: a renewal reads entries and last number at one moment',
    within: 1000,
    variant: () => ({
      followedLog: (log) =>
        changed(log, {
          renew: async (position) => {
            const { entries } = await log.renew(position);
            const renewal = await log.renew(position);
            return withoutGaps({ ...renewal, entries }, position.position);
          },
        }),
    }),
  },
  {
    without: 'R7: another identity or a gap drops the whole cache',
    within: 1000,
    variant: () => ({ cache: (parts) => new KeepsWhatIsDroppedWhole(parts) }),
  },
  {
    without: 'R8: another identity or a gap fences every question in flight',
    within: 3000,
    variant: () => ({ cache: (parts) => new FencesNot(parts, 'everything') }),
  },
  {
    without: 'R9: an entry fences the questions about what it names',
    within: 1500,
    variant: () => ({ cache: (parts) => new FencesNot(parts, 'key') }),
  },
  {
    without: 'R11: the lease counts from sending, not from the answer',
    within: 8000,
    variant: leaseFromTheAnswer,
  },
  {
    without: 'R12: the clock is read at the moment of deciding',
    within: 2000,
    variant: () => ({ gatewayClock: coarseClock }),
  },
  {
    without: 'R13: a cached answer counts only before its time is up',
    within: 2000,
    variant: () => ({ cache: (parts) => new PrincipalCache({ ...parts, cacheTtlMs: Infinity }) }),
  },
  {
    without: 'R13: a cached answer counts only under the lease',
    within: 1000,
    variant: () => ({
      lease: (lease) => ({
        holdsLease: true,
        get identity(): string | null {
          return lease.identity;
        },
      }),
    }),
  },
  {
    without: 'R14: a fence lasts as long as the flight; here it is a time',
    within: 1500,
    variant: () => ({ cache: (parts) => new FencesForAWhile(parts) }),
  },
  {
    without: 'R15: an answer’s time counts from when the question was sent',
    within: 8000,
    variant: () => ({ cache: (parts) => new CountsFromTheAnswer(parts) }),
  },
  {
    without: 'R16: who joins a question in flight is held to the rules of the cache',
    within: 1500,
    variant: () => ({ authenticator: (parts) => new JoinsAlways(parts) }),
  },
  {
    without: 'R17: the row is read from the primary',
    within: 500,
    variant: () => ({ replicaLagMs: 30 }),
  },
  {
    without: 'R18: the row is read for each question, after it arrived',
    within: 2000,
    variant: () => ({ readRow: sharedReads() }),
  },
  {
    without: 'R19: an answer is cacheable only under the identity that is recorded',
    within: 2000,
    variant: () => ({ everythingIsCacheable: true }),
  },
  {
    without: 'R19: an identity is trusted only once it was recorded for as long as caches live',
    within: 2000,
    variant: () => ({
      record: (record) => ({
        read: async () => firstOf(await record.read()),
        replace: async (_, identity) => firstOf(await record.replace(await record.read(), identity)),
      }),
    }),
  },
  {
    without: 'R19: what is recorded is read after the commit',
    within: 8000,
    variant: () => ({
      record: (record, process) => {
        let read: { at: number; answer: ReturnType<typeof record.read> } | undefined;
        return {
          read: () => {
            if (read === undefined || process.now() - read.at > 300)
              read = { at: process.now(), answer: record.read() };
            return read.answer;
          },
          replace: (before, identity) => {
            read = undefined;
            return record.replace(before, identity);
          },
        };
      },
    }),
  },
  {
    without: 'R20: time counts from when the commit is confirmed',
    within: 8000,
    variant: () => ({ countsFromBeginOfCommit: true }),
  },
  {
    without: 'R21: only a counter that has stood still for as long as a lease tells that a gateway is gone',
    within: 500,
    variant: () => ({ publishedLog: (log) => standingStillAtOnce(log) }),
  },
  {
    without: 'R23: leases are given their whole time',
    within: 1500,
    variant: () => ({
      publisherTimings: (timings) => ({ ...timings, leaseMs: timings.leaseMs / 2 }),
    }),
  },
  {
    without: 'R24: revoking a revoked key waits as well',
    within: 500,
    variant: () => ({ repeatedRevokeReturnsAtOnce: true }),
  },
  {
    without: 'the bound: caches are given their whole time',
    within: 3000,
    variant: () => ({
      publisherTimings: (timings) => ({ ...timings, cacheTtlMs: timings.cacheTtlMs * 0.8 }),
    }),
  },
];

/** A log with some of its methods replaced. */
function changed(log: RevocationLog, replaced: Partial<RevocationLog>): RevocationLog {
  return {
    identityIsCertain: log.identityIsCertain,
    add: (target) => log.add(target),
    renew: (position) => log.renew(position),
    acknowledge: (position) => log.acknowledge(position),
    members: () => log.members(),
    remove: (instance, renewals) => log.remove(instance, renewals),
    onAdded: (listener) => log.onAdded(listener),
    close: () => log.close(),
    ...replaced,
  };
}

/** What is missing looks like an entry about nobody. */
function withoutGaps(renewal: Renewal, position: number): Renewal {
  const entries: Entry[] = [];
  for (let number = position + 1; number <= renewal.last; number++) {
    const entry = renewal.entries.find((one) => one.number === number);
    entries.push(entry ?? { number, target: { kind: 'key', id: 'nobody' } });
  }
  return { ...renewal, entries };
}

/** The doorbell brings the entry, and what came before it is taken for known. */
function movedByDoorbell(log: SimulatedRedisLog, cache: PrincipalCache): RevocationLog {
  let rungFor = 0;
  return changed(log, {
    onAdded: (listener) =>
      log.onEntry(({ number, target }) => {
        cache.drop(target);
        rungFor = number;
        listener();
      }),
    renew: async (position) => {
      const known = Math.max(rungFor, position.position);
      const renewal = await log.renew({ ...position, position: known });
      if (renewal.identity !== position.identity) rungFor = 0;
      if (renewal.identity !== position.identity || renewal.last < known) return renewal;
      return withoutGaps(renewal, position.position);
    },
  });
}

/** A gateway's counter that has not moved between two looks counts as standing still. */
function standingStillAtOnce(log: RevocationLog): RevocationLog {
  let before = new Map<string, number>();
  return changed(log, {
    members: async () => {
      const { identity, members } = await log.members();
      const alive = members.filter(({ instance, renewals }) => before.get(instance) !== renewals);
      before = new Map(members.map(({ instance, renewals }) => [instance, renewals]));
      return { identity, members: alive };
    },
  });
}

function leaseFromTheAnswer(): Variant {
  const until = new Map<SimulatedProcess, number>();
  return {
    followedLog: (log, _, process) =>
      changed(log, {
        acknowledge: async (position) => {
          await log.acknowledge(position);
          until.set(process, process.now() + TIMINGS.leaseMs);
        },
      }),
    lease: (lease, process) => ({
      get holdsLease(): boolean {
        return process.now() < (until.get(process) ?? -Infinity);
      },
      get identity(): string | null {
        return lease.identity;
      },
    }),
  };
}

/** A clock that is read now and then, and asked in between. */
function coarseClock(process: SimulatedProcess): SimulatedProcess['clock'] {
  let now = process.now();
  const tick = (): void => {
    now = process.now();
    process.after(10, tick);
  };
  tick();
  return { now: () => now, wait: (ms, signal) => process.clock.wait(ms, signal) };
}

function sharedReads(): NonNullable<Variant['readRow']> {
  const reading = new Map<string, Promise<Row | undefined>>();
  return (id, read, process) => {
    const name = `${process.name} ${id}`;
    const shared = reading.get(name) ?? read().finally(() => reading.delete(name));
    reading.set(name, shared);
    return shared;
  };
}

function firstOf<R extends { generation: number } | null>(recorded: R): R {
  return recorded && { ...recorded, generation: 1 };
}

type CacheParts = ConstructorParameters<typeof PrincipalCache>[0];
type Kept = ReturnType<PrincipalCache['get']>;

class KeepsWhatIsDroppedWhole extends PrincipalCache {
  readonly #kept = new Map<string, { readonly answer: Kept; readonly until: number }>();
  readonly #parts: CacheParts;

  constructor(parts: CacheParts) {
    super(parts);
    this.#parts = parts;
  }

  override get(key: Flight['key']): Kept {
    const kept = this.#kept.get(key.id);
    const isOld = kept === undefined || this.#parts.clock.now() >= kept.until;
    return super.get(key) ?? (isOld ? undefined : kept.answer);
  }

  override land(...[flight, answer]: Parameters<PrincipalCache['land']>): void {
    super.land(flight, answer);
    const kept = super.get(flight.key);
    if (kept === undefined || flight.fenced) return;
    this.#kept.set(flight.key.id, { answer: kept, until: flight.sentAt + this.#parts.cacheTtlMs });
  }

  override drop(target: Target): void {
    super.drop(target);
    if (target.kind === 'key') this.#kept.delete(target.id);
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

class FencesNot extends KnowsFlights {
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

class FencesForAWhile extends KnowsFlights {
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

class CountsFromTheAnswer extends PrincipalCache {
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

class JoinsAlways extends Authenticator {
  readonly #asked = new Map<string, Promise<Authentication>>();

  override authenticate(token: string): Promise<Authentication> {
    const asked =
      this.#asked.get(token) ?? super.authenticate(token).finally(() => this.#asked.delete(token));
    this.#asked.set(token, asked);
    return asked;
  }
}
