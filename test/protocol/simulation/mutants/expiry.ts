import type { Authentication } from '../../../../libs/key-verifier/src/authentication/authentication.js';
import { Authenticator } from '../../../../libs/key-verifier/src/authentication/authenticator.js';
import type { SimulatedProcess } from '../process.js';
import { MiscountsRemainingTime } from './caches.js';
import type { Mutant } from './mutant.js';

/** Rules by which keys expire by PostgreSQL's clock, whatever the wall clocks of processes say. */
export const EXPIRY_MUTANTS: readonly Mutant[] = [
  {
    without: 'expiry: a cached answer counts no longer than the key’s remaining time',
    within: 1500,
    variant: () => ({ cache: (parts) => new MiscountsRemainingTime(parts, () => null) }),
  },
  {
    without: 'expiry: the remaining time counts from when the question was sent; here from the answer',
    within: 8000,
    variant: () => ({
      cache: (parts) =>
        new MiscountsRemainingTime(
          parts,
          (leftMs, sentAt) => leftMs + (parts.clock.now() - sentAt) * parts.margin,
        ),
    }),
  },
  {
    without: 'expiry: only keys decides that a key has expired; here a gateway uses its wall clock',
    within: 1500,
    variant: () => ({ authenticator: (parts, process) => new UsesWallClock(parts, process) }),
  },
  {
    without: 'expiry: PostgreSQL computes the remaining time; here keys does, by its wall clock',
    within: 8000,
    variant: () => ({
      readRow: async (_, read, process) => {
        const row = await read();
        if (row?.expiresInMs == null) return row;
        return { ...row, expiresInMs: row.expiresAt - process.wallClock() };
      },
    }),
  },
];

/** A gateway that compares a key's expiry with its wall clock. */
class UsesWallClock extends Authenticator {
  constructor(
    parts: ConstructorParameters<typeof Authenticator>[0],
    private readonly process: SimulatedProcess,
  ) {
    super(parts);
  }

  override async authenticate(token: string): Promise<Authentication> {
    const found = await super.authenticate(token);
    if (found.outcome !== 'authenticated') return found;
    const { expiresAtMs, keyId } = found.principal;
    return expiresAtMs !== null && expiresAtMs <= this.process.wallClock()
      ? { outcome: 'refused', reason: 'expired', keyId }
      : found;
  }
}
