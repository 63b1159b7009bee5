import type { Authentication } from '../../../../libs/key-guard/src/authentication/authentication.js';
import { Authenticator } from '../../../../libs/key-guard/src/authentication/authenticator.js';
import { PrincipalCache } from '../../../../libs/key-guard/src/authentication/principal-cache.js';
import type { SimulatedProcess } from '../process.js';
import { TIMINGS } from '../timings.js';
import type { Variant } from '../variant.js';
import { CountsFromTheAnswer, FencesForAWhile, FencesNot, KeepsWhatIsDropped } from './caches.js';
import { changed } from './changed.js';
import type { Mutant } from './mutant.js';

/** Rules that a gateway keeps: its lease, its cache, its questions in flight. */
export const GATEWAY_MUTANTS: readonly Mutant[] = [
  {
    without: 'R4: an instance id is new at every start; here it is the host’s',
    within: 1500,
    variant: () => ({ instance: (process) => process.host }),
  },
  {
    without: 'R7: another identity or a gap drops the whole cache',
    within: 1000,
    variant: () => ({ cache: (parts) => new KeepsWhatIsDropped(parts, ({ kind }) => kind === 'everything') }),
  },
  {
    without: 'R8: another identity or a gap fences every question in flight',
    within: 8000,
    variant: () => ({ cache: (parts) => new FencesNot(parts, 'everything') }),
  },
  {
    without: 'R9: an entry fences the questions about what it names',
    within: 1500,
    variant: () => ({ cache: (parts) => new FencesNot(parts, 'key') }),
  },
  {
    without: 'R9: an owner’s entry drops the answers about the owner’s keys',
    within: 1500,
    variant: () => ({
      cache: (parts) =>
        new KeepsWhatIsDropped(
          parts,
          ({ kind }, { outcome }) => kind === 'owner' && outcome === 'authenticated',
        ),
    }),
  },
  {
    without: 'R9: an owner’s entry drops all refusals',
    within: 1500,
    variant: () => ({
      cache: (parts) =>
        new KeepsWhatIsDropped(parts, ({ kind }, { outcome }) => kind === 'owner' && outcome === 'refused'),
    }),
  },
  {
    without: 'R9: an owner’s entry fences every question in flight',
    within: 1500,
    variant: () => ({ cache: (parts) => new FencesNot(parts, 'owner') }),
  },
  {
    without: 'R11: the lease counts from sending, not from the answer',
    within: 20_000,
    variant: () => leaseMeasured((process) => process.now(), 'answer'),
  },
  {
    without: 'clocks that nobody sets; here the lease goes by the wall clock',
    within: 8000,
    variant: () => leaseMeasured((process) => process.wallClock(), 'sending'),
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
];

/** A lease that is not the follower's own. */
function leaseMeasured(clock: (process: SimulatedProcess) => number, from: 'sending' | 'answer'): Variant {
  const until = new Map<SimulatedProcess, number>();
  return {
    followedLog: (log, _, process) => {
      let sentAt = -Infinity;
      return changed(log, {
        renew: (position) => {
          sentAt = clock(process);
          return log.renew(position);
        },
        acknowledge: async (instance, position) => {
          await log.acknowledge(instance, position);
          until.set(process, (from === 'sending' ? sentAt : clock(process)) + TIMINGS.leaseMs);
        },
      });
    },
    lease: (lease, process) => ({
      get holdsLease(): boolean {
        return clock(process) < (until.get(process) ?? -Infinity);
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

class JoinsAlways extends Authenticator {
  readonly #asked = new Map<string, Promise<Authentication>>();

  override authenticate(token: string): Promise<Authentication> {
    const authenticate = async (): Promise<Authentication> => super.authenticate(token);
    const asked = this.#asked.get(token) ?? authenticate().finally(() => this.#asked.delete(token));
    this.#asked.set(token, asked);
    return asked;
  }
}
