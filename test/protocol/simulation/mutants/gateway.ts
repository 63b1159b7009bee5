import type { Authentication } from '../../../../libs/key-verifier/src/authentication/authentication.js';
import { Authenticator } from '../../../../libs/key-verifier/src/authentication/authenticator.js';
import { PrincipalCache } from '../../../../libs/key-verifier/src/authentication/principal-cache.js';
import type { SimulatedProcess } from '../process.js';
import { TIMINGS } from '../timings.js';
import type { Variant } from '../variant.js';
import { CountsFromAnswer, FencesTemporarily, DoesNotFence, KeepsInvalidated } from './caches.js';
import { changed } from './changed.js';
import type { Mutant } from './mutant.js';

/** Rules of gateways: about the lease, the cache, and questions in flight. */
export const GATEWAY_MUTANTS: readonly Mutant[] = [
  {
    without: 'R4: an instance ID is new at every start; here it is the host’s',
    within: 1500,
    variant: () => ({ instance: (process) => process.host }),
  },
  {
    without: 'R7: another identity or a gap drops the whole cache',
    within: 1000,
    variant: () => ({ cache: (parts) => new KeepsInvalidated(parts, ({ kind }) => kind === 'everything') }),
  },
  {
    without: 'R8: another identity or a gap fences every question in flight',
    within: 8000,
    variant: () => ({ cache: (parts) => new DoesNotFence(parts, 'everything') }),
  },
  {
    without: 'R9: an entry fences the questions about what it names',
    within: 1500,
    variant: () => ({ cache: (parts) => new DoesNotFence(parts, 'key') }),
  },
  {
    without: 'R9: a key’s entry drops a refusal of the key',
    within: 3000,
    variant: () => ({
      cache: (parts) =>
        new KeepsInvalidated(parts, ({ kind }, { outcome }) => kind === 'key' && outcome === 'refused'),
    }),
  },
  {
    without: 'R9: an owner’s entry drops the answers about the owner’s keys',
    within: 1500,
    variant: () => ({
      cache: (parts) =>
        new KeepsInvalidated(
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
        new KeepsInvalidated(parts, ({ kind }, { outcome }) => kind === 'owner' && outcome === 'refused'),
    }),
  },
  {
    without: 'R9: an owner’s entry fences every question in flight',
    within: 1500,
    variant: () => ({ cache: (parts) => new DoesNotFence(parts, 'owner') }),
  },
  {
    without: 'R11: the lease counts from sending, not from the answer',
    within: 20_000,
    variant: () => leaseMeasured((process) => process.now(), 'answer'),
  },
  {
    without: 'the lease uses a monotonic clock; here the wall clock',
    first: 670,
    within: 8000,
    variant: () => leaseMeasured((process) => process.wallClock(), 'sending'),
  },
  {
    without: 'R12: the clock is read at the moment of deciding',
    within: 2000,
    variant: () => ({ gatewayClock: coarseClock }),
  },
  {
    without: 'R13: a cached answer counts only within its lifetime',
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
    without: 'R14: a fence lasts as long as the flight; here for a fixed time',
    within: 1500,
    variant: () => ({ cache: (parts) => new FencesTemporarily(parts) }),
  },
  {
    without: 'R15: an answer’s lifetime counts from when the question was sent',
    first: 700,
    within: 8000,
    variant: () => ({ cache: (parts) => new CountsFromAnswer(parts) }),
  },
  {
    without: 'R16: requests that join a question in flight obey the rules of the cache',
    within: 1500,
    variant: () => ({ authenticator: (parts) => new JoinsAlways(parts) }),
  },
];

/** A lease that is measured differently from the follower's. */
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

/** A clock that is only read now and then. */
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
