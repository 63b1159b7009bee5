import type { KeyId } from '#libs/key-format';
import type { Verification } from '#libs/keys-client';
import type { Principal, Refusal } from '#libs/keys-contract';

/** Who a token stands for. */
export interface Authenticated {
  readonly outcome: 'authenticated';
  readonly principal: Principal;
  /**
   * From when on keys must be asked again whether the key has expired: milliseconds on this process' monotonic clock,
   * Infinity for a key that never expires. It is earlier than the key's end: see {@link authenticationOf}.
   */
  readonly askAgainAt: number;
}

/** That a token stands for nobody. `keyId`: of the genuine key that it is. */
export interface RefusedToken {
  readonly outcome: 'refused';
  readonly reason: Refusal;
  readonly keyId?: string;
}

/** Who a token stands for, or why it stands for nobody. */
export type Authentication =
  | Authenticated
  | RefusedToken
  | { readonly outcome: 'busy'; readonly retryAfterSeconds: number }
  | { readonly outcome: 'unavailable'; readonly cause: unknown };

/**
 * What keys' answer to a question comes to that was sent at `sentAt` on this process' monotonic clock. Keys has counted
 * what is left of the key after that, so the sum of both is never later than its end, whatever the answer's way took. It
 * is divided by `margin`, since this process' clock may be slow; to ask once more is harmless. No wall clock is asked:
 * those of two machines need not agree.
 */
export function authenticationOf(
  { keyId, sentAt, margin }: { readonly keyId: KeyId; readonly sentAt: number; readonly margin: number },
  answer: Verification,
): Authentication {
  switch (answer.outcome) {
    case 'valid':
      return {
        outcome: 'authenticated',
        principal: answer.principal,
        askAgainAt: sentAt + leftMs(answer) / margin,
      };
    case 'refused':
      return { outcome: 'refused', reason: answer.reason, keyId };
    case 'busy':
    case 'unavailable':
      return answer;
  }
}

/** A keys service from before it counted says nothing: then a key that expires is asked about each time. */
function leftMs({ principal, expiresInMs }: Extract<Verification, { outcome: 'valid' }>): number {
  if (expiresInMs !== undefined) return expiresInMs ?? Infinity;
  return principal.expiresAtMs === null ? Infinity : 0;
}
