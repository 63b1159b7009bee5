import type { Clock } from '#libs/clock';
import {
  type Invalidatable,
  LogSight,
  type Position,
  type Renewal,
  type RenewalRequest,
  type Seen,
} from '#libs/revocations';
import type { PrincipalCache } from '../../../../libs/key-verifier/src/authentication/principal-cache.js';
import type { SimulatedProcess } from '../process.js';
import type { SimulatedRedisLog } from '../redis-model.js';
import { TIMINGS } from '../timings.js';
import type { Followed } from '../variant.js';
import { changed } from './changed.js';
import type { Mutant } from './mutant.js';

/** Rules against a Redis whose memory is partly lost, goes back, or is another server's. */
export const MEMORY_MUTANTS: readonly Mutant[] = [
  {
    without: 'identity: the server is part of it',
    within: 3000,
    variant: () => ({
      redis: { identity: (_replicationId, _runId, nonce) => nonce, refusesReplicas: false },
    }),
  },
  {
    without: 'identity: the server’s run ID and role, which reveal a replica',
    within: 5000,
    variant: () => ({
      redis: { identity: (replicationId, _, nonce) => `${replicationId}:${nonce}`, refusesReplicas: false },
    }),
  },
  {
    without: 'the token of a renewal',
    first: 2500,
    within: 5000,
    variant: () => ({ redis: { renewalHasToken: false } }),
  },
  {
    without: 'the token of an acknowledgment',
    within: 5000,
    variant: () => ({ redis: { acknowledgmentHasToken: false } }),
  },
  {
    without: 'the token of a renewal’s acknowledgment',
    first: 2500,
    within: 5000,
    variant: () => ({ redis: { impliedAcknowledgmentHasToken: false } }),
  },
  {
    without: 'a look checks for the publisher’s entry',
    within: 10_000,
    variant: () => ({ redis: { looksForOwnEntry: false } }),
  },
  {
    without: 'a look checks for the mark of the previous look',
    within: 3000,
    variant: () => ({ redis: { looksForMark: false } }),
  },
  {
    without: 'the count of members',
    first: 17_570,
    within: 5000,
    variant: () => ({ redis: { countsMembers: false } }),
  },
  {
    without: 'the number of the newest entry is lost with the rest of the state',
    within: 3000,
    variant: () => ({ redis: { keepsLastInState: false } }),
  },
  {
    without: 'the stream counts only with the newest entry on top',
    within: 5000,
    variant: () => ({ redis: { checksTop: false } }),
  },
  {
    without: 'the beat is the gateway’s own count',
    within: 3000,
    variant: () => ({ redis: { takesBeat: false } }),
  },
  {
    without: 'a lost sight: a publisher that watches again waits for a lease',
    within: 3000,
    variant: () => ({ sight: (parts) => new TrustsAtOnce(parts) }),
  },
  {
    without: 'a sight: two looks are close together',
    within: 3000,
    variant: () => ({
      sight: (parts) => new LogSight({ ...parts, timings: { ...parts.timings, sightMs: Infinity } }),
    }),
  },
  {
    without: 'waits count until a look was sent',
    first: 1590,
    within: 5000,
    variant: () => ({ sight: (parts) => new CountsToTheAnswer(parts) }),
  },
  {
    without: 'an expired lease drops everything',
    within: 3000,
    variant: () => ({ followed: (log, cache, process) => lapsing(log, cache, process, 'never') }),
  },
  {
    without:
      'whether a lease has expired is checked when the answer is applied; here when the renewal was sent',
    first: 1550,
    within: 10_000,
    variant: () => ({ followed: (log, cache, process) => lapsing(log, cache, process, 'at sending') }),
  },
];

/** Takes the gateways it sees first for all there are. */
class TrustsAtOnce extends LogSight {
  override async look(own?: Position): Promise<Seen | undefined> {
    const seen = await super.look(own);
    return seen && { ...seen, watchedSince: -Infinity };
  }
}

/** Counts waiting until the answer has arrived. */
class CountsToTheAnswer extends LogSight {
  readonly #clock: Clock;

  constructor(parts: ConstructorParameters<typeof LogSight>[0]) {
    super(parts);
    this.#clock = parts.clock;
  }

  override async look(own?: Position): Promise<Seen | undefined> {
    const seen = await super.look(own);
    return seen && { ...seen, sentAt: this.#clock.now() };
  }
}

/** A follower that applies the entries of a renewal although its lease has expired, or checks that when it sends. */
function lapsing(
  log: SimulatedRedisLog,
  cache: PrincipalCache,
  process: SimulatedProcess,
  judged: 'never' | 'at sending',
): Followed {
  let leaseUntil = -Infinity;
  let sentAt = -Infinity;
  let goesOn: Renewal | undefined;
  const dropping: Invalidatable = {
    invalidate: (target) => {
      if (target.kind === 'everything' && goesOn !== undefined)
        for (const entry of goesOn.entries) cache.invalidate(entry.target);
      else cache.invalidate(target);
    },
  };
  return {
    cache: dropping,
    log: changed(log, {
      renew: async (request) => {
        sentAt = process.now();
        const held = sentAt < leaseUntil;
        const renewal = await log.renew(request);
        goesOn = isContinued(request, renewal) && (judged === 'never' || held) ? renewal : undefined;
        return renewal;
      },
      acknowledge: async (instance, position) => {
        await log.acknowledge(instance, position);
        leaseUntil = sentAt + TIMINGS.leaseMs;
      },
    }),
  };
}

function isContinued({ identity, position }: RenewalRequest, renewal: Renewal): boolean {
  const { entries, last } = renewal;
  return renewal.isKnown && renewal.identity === identity && entries.length === last.number - position.number;
}
