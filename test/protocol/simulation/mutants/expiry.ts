import type { Authentication } from '../../../../libs/key-guard/src/authentication/authentication.js';
import { Authenticator } from '../../../../libs/key-guard/src/authentication/authenticator.js';
import type { SimulatedProcess } from '../process.js';
import { MiscountsWhatIsLeft } from './caches.js';
import type { Mutant } from './mutant.js';

/** Rules by which keys expire by PostgreSQL's clock, whatever the wall clocks of processes say. */
export const EXPIRY_MUTANTS: readonly Mutant[] = [
  {
    without: 'expiry: a cached answer counts no longer than the key has left',
    within: 1500,
    variant: () => ({ cache: (parts) => new MiscountsWhatIsLeft(parts, () => null) }),
  },
  {
    without: 'expiry: what is left counts from when the question was sent; here from the answer',
    within: 8000,
    variant: () => ({
      cache: (parts) =>
        new MiscountsWhatIsLeft(
          parts,
          (leftMs, sentAt) => leftMs + (parts.clock.now() - sentAt) * parts.margin,
        ),
    }),
  },
  {
    without: 'expiry: keys alone says that a key has expired; here a gateway looks at its wall clock',
    within: 1500,
    variant: () => ({ authenticator: (parts, process) => new LooksAtItsWallClock(parts, process) }),
  },
  {
    without: 'expiry: PostgreSQL counts what is left; here keys does, by its wall clock',
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

/** A gateway that compares the moment of a key's end with its wall clock. */
class LooksAtItsWallClock extends Authenticator {
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
