import type { Entry, Member, Renewal, RevocationLog } from '#libs/revocations';
import type { PrincipalCache } from '../../../../libs/key-verifier/src/authentication/principal-cache.js';
import type { SimulatedRedisLog } from '../redis-model.js';
import { TIMINGS } from '../timings.js';
import { changed } from './changed.js';
import type { Mutant } from './mutant.js';

/** Rules about the log: what is read from it, and how that is used. */
export const LOG_MUTANTS: readonly Mutant[] = [
  {
    without: 'R1: Redis’s clock is not used; here it decides which gateways are gone',
    first: 840,
    within: 20_000,
    variant: () => ({
      publishedLog: (log) =>
        changed(log, {
          look: async (request) => {
            const found = await log.look(request);
            const isGone = ({ instance }: Member): boolean => log.serverNow.ageOf(instance) > TIMINGS.leaseMs;
            return { ...found, members: found.members.filter((member) => !isGone(member)) };
          },
        }),
    }),
  },
  {
    without: 'R2: numbers are consecutive, so that gaps are noticed',
    within: 1500,
    variant: () => ({
      followedLog: (log) =>
        changed(log, {
          renew: async (request) => {
            const renewal = await log.renew(request);
            if (renewal.identity !== request.identity) return renewal;
            return { ...withoutGaps(renewal, request.position.number), isKnown: true };
          },
        }),
    }),
  },
  {
    without: 'R5: a doorbell never moves the position',
    first: 13_960,
    within: 20_000,
    variant: () => ({ followedLog: (log, cache) => movedByDoorbell(log, cache) }),
  },
  {
    without: 'a ring for an entry decides nothing; here it counts as the word of all gateways',
    within: 20_000,
    variant: () => ({ publishedLog: believingRings }),
  },
  {
    without: 'R6: a renewal reads entries and last number at one moment',
    within: 1000,
    variant: () => ({
      followedLog: (log) =>
        changed(log, {
          renew: async (request) => {
            const { entries } = await log.renew(request);
            const renewal = await log.renew(request);
            return withoutGaps({ ...renewal, entries }, request.position.number);
          },
        }),
    }),
  },
];

/** Fills gaps with entries about nothing. */
function withoutGaps(renewal: Renewal, position: number): Renewal {
  const entries: Entry[] = [];
  for (let number = position + 1; number <= renewal.last.number; number++) {
    const entry = renewal.entries.find((one) => one.number === number);
    entries.push(entry ?? { number, target: { kind: 'key', id: 'nobody' } });
  }
  return { ...renewal, entries };
}

/** What was rung for counts as acknowledged by everybody. */
function believingRings(log: RevocationLog): RevocationLog {
  let rungFor = -Infinity;
  return changed(log, {
    onAcknowledged: (listener) =>
      log.onAcknowledged((number) => {
        rungFor = Math.max(rungFor, number);
        listener(number);
      }),
    look: async (request) => {
      const found = await log.look(request);
      const isRungFor = request.own !== undefined && request.own.number <= rungFor;
      const members = found.members.map((member) => ({ ...member, acknowledged: Infinity }));
      return isRungFor ? { ...found, members } : found;
    },
  });
}

/** The doorbell brings the entry, and what came before it is taken for known. */
function movedByDoorbell(log: SimulatedRedisLog, cache: PrincipalCache): RevocationLog {
  let rungFor: { number: number; token: string } | undefined;
  return changed(log, {
    onAdded: (listener) =>
      log.onEntry(({ number, token, target }) => {
        cache.invalidate(target);
        rungFor = { number, token };
        listener();
      }),
    renew: async (request) => {
      const known =
        rungFor !== undefined && rungFor.number > request.position.number ? rungFor : request.position;
      const renewal = await log.renew({ ...request, position: known });
      if (!renewal.isKnown) rungFor = undefined;
      return renewal.isKnown ? withoutGaps(renewal, request.position.number) : renewal;
    },
  });
}
