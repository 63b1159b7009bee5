import { AddressRanges } from '#libs/client-address';
import type { KeyId } from '#libs/key-format';
import type { Verification } from '#libs/keys-client';
import type { Principal, Refusal } from '#libs/keys-contract';

/** Whom a token authenticates. */
export interface Authenticated {
  readonly outcome: 'authenticated';
  readonly principal: Principal;
  /**
   * When keys must be asked again whether the key has expired: milliseconds on this process's monotonic clock, Infinity
   * for a key that never expires. It is before the key's expiry: see {@link authenticationOf}.
   */
  readonly askAgainAt: number;
  /** Where the key may be used from; undefined: anywhere. `unreadable`: nowhere, since this version cannot read it. */
  readonly allowedFrom: AddressRanges | 'unreadable' | undefined;
}

/** The token is refused. `keyId`: of the genuine key that it is. */
export interface RefusedToken {
  readonly outcome: 'refused';
  readonly reason: Refusal;
  readonly keyId?: string;
}

/** Whom a token authenticates, or why it is refused. */
export type Authentication =
  | Authenticated
  | RefusedToken
  | { readonly outcome: 'busy'; readonly retryAfterSeconds: number }
  | { readonly outcome: 'unavailable'; readonly cause: unknown };

/**
 * The result of an answer of keys to a question that was sent at `sentAt` on this process's monotonic clock. Keys has
 * computed the key's remaining time after that, so their sum is never later than its expiry, however long the answer took.
 * The remaining time is divided by `margin`, since this process's clock may be slow; asking once more is harmless. No wall
 * clock is used: those of two machines may differ.
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
        allowedFrom: allowedFrom(answer.principal),
      };
    case 'refused':
      return { outcome: 'refused', reason: answer.reason, keyId };
    case 'busy':
    case 'unavailable':
      return answer;
  }
}

/** Parsed once for all requests that use the answer. */
function allowedFrom({ allowedIps }: Principal): Authenticated['allowedFrom'] {
  return allowedIps === undefined ? undefined : (AddressRanges.parse(allowedIps) ?? 'unreadable');
}

/** An older keys service does not say how long a key has left: then a key that expires is verified each time. */
function leftMs({ principal, expiresInMs }: Extract<Verification, { outcome: 'valid' }>): number {
  if (expiresInMs !== undefined) return expiresInMs ?? Infinity;
  return principal.expiresAtMs === null ? Infinity : 0;
}
