import type { Clock } from '#libs/clock';
import type { IdentityRecord, Recorded, RevocationLog } from '#libs/revocations';
import type { Row } from '../postgres-model.js';
import type { SimulatedProcess } from '../process.js';
import { TIMINGS } from '../timings.js';
import type { Variant } from '../variant.js';
import { changed } from './changed.js';
import type { Mutant } from './mutant.js';

/** Rules of keys: what it reads and answers, and how long a revoke waits. */
export const KEYS_MUTANTS: readonly Mutant[] = [
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
    without: 'R19: an answer is cacheable only under the recorded identity',
    first: 500,
    within: 2000,
    variant: () => ({ everythingIsCacheable: true }),
  },
  {
    without: 'R19: an identity is trusted only once it was recorded for as long as caches live',
    within: 2000,
    variant: () => ({
      record: (record) => ({
        ...recordOf(record),
        read: async () => settled(await record.read()),
        replace: async (_, identity) => settled(await record.replace(await record.read(), identity)),
      }),
    }),
  },
  {
    without: 'R19: a generation is settled only once caches have expired',
    within: 3000,
    variant: () => ({
      record: (record) => ({
        ...recordOf(record),
        replace: async (before, identity) => {
          const recorded = await record.replace(before, identity);
          await record.settle(recorded.generation);
          return recorded;
        },
      }),
    }),
  },
  {
    without: 'R19: the record is read after the commit',
    first: 11_860,
    within: 5000,
    variant: () => ({
      record: (record, process) => {
        let read: { at: number; answer: ReturnType<typeof record.read> } | undefined;
        return {
          ...recordOf(record),
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
    within: 20_000,
    variant: () => ({ countsFromBeginOfCommit: true }),
  },
  {
    without: 'R21: a gateway counts as gone only if its counter has stood still for a lease',
    within: 500,
    variant: () => ({ publishedLog: (log) => standingStillAtOnce(log) }),
  },
  {
    without: 'R23: a revoke waits for the whole duration of leases',
    within: 1500,
    variant: () => ({
      publisherTimings: (timings) => ({ ...timings, leaseMs: timings.leaseMs / 2 }),
    }),
  },
  {
    without: 'the clock of keys does not jump ahead (an assumption)',
    within: 1500,
    variant: () => ({ keysClock: jumpingClock }),
  },
  {
    without: 'R24: revoking a revoked key waits, too',
    within: 500,
    variant: () => ({ repeatedRevokeReturnsAtOnce: true }),
  },
  {
    without: 'a pause, or its end, waits for gateways',
    within: 500,
    variant: () => ({ pauseReturnsAtOnce: true }),
  },
  {
    without: 'R24: a pause that changes nothing waits, too',
    within: 5000,
    variant: () => ({ repeatedPauseReturnsAtOnce: true }),
  },
  {
    without: 'R24: a change of an owner that changes nothing waits, too',
    within: 1500,
    variant: () => ({ repeatedOwnerChangeReturnsAtOnce: true }),
  },
  {
    without: 'an in-process log: each renewal and each look asks whether the process is alone',
    within: 3000,
    variant: () => ({ believesToBeAlone: true }),
  },
  {
    without: 'the outbox: what a dead replica has committed is relayed',
    first: 1610,
    within: 3000,
    variant: () => ({
      outbox: (outbox) => ({
        onCommitted: (listener) => outbox.onCommitted(listener),
        handOver: () => Promise.resolve(false),
      }),
    }),
  },
  {
    without: 'the outbox: a doorbell wakes the relay',
    first: 4950,
    within: 8000,
    variant: () => ({
      outbox: (outbox) => ({
        handOver: (graceMs, add) => outbox.handOver(graceMs, add),
        onCommitted: () => () => undefined,
      }),
    }),
  },
  {
    without: 'the bound: a revoke waits for the whole lifetime of caches',
    within: 3000,
    variant: () => ({
      publisherTimings: (timings) => ({ ...timings, cacheTtlMs: timings.cacheTtlMs * 0.8 }),
    }),
  },
];

/** A gateway counts as standing still if its beat has not changed between two looks. */
function standingStillAtOnce(log: RevocationLog): RevocationLog {
  let before = new Map<string, number>();
  return changed(log, {
    look: async (request) => {
      const found = await log.look(request);
      const alive = found.members.filter(({ instance, beat }) => before.get(instance) !== beat);
      before = new Map(found.members.map(({ instance, beat }) => [instance, beat]));
      return { ...found, members: alive };
    },
  });
}

/** A clock that jumps ahead once, by more than a lease. */
function jumpingClock(process: SimulatedProcess): Clock {
  const jumpAt = process.now() + process.world.random.between(100, 1200);
  return {
    now: () => process.now() + (process.now() < jumpAt ? 0 : 2 * TIMINGS.leaseMs),
    wait: (ms, signal) => process.clock.wait(ms, signal),
  };
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

function recordOf(record: IdentityRecord): IdentityRecord {
  return {
    read: () => record.read(),
    replace: (before, identity) => record.replace(before, identity),
    settle: (generation) => record.settle(generation),
  };
}

function settled<R extends Recorded | null>(recorded: R): R {
  return recorded && { ...recorded, isSettled: true };
}
