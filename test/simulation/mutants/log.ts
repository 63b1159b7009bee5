import type { Entry, Member, Renewal, RevocationLog } from '#libs/revocations';
import type { PrincipalCache } from '../../../libs/key-guard/src/principal-cache.js';
import type { SimulatedRedisLog } from '../redis-model.js';
import { TIMINGS } from '../timings.js';
import { changed } from './changed.js';
import type { Mutant } from './mutant.js';

/** Rules about the log: what is read from it, and what is made of that. */
export const LOG_MUTANTS: readonly Mutant[] = [
  {
    without: 'R1: Redis’ clock is used for nothing; here it tells which gateways are gone',
    within: 20_000,
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
    without: 'R5: a doorbell never moves the position',
    within: 20_000,
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
];

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
