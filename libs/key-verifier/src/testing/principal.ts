import { newKeyId } from '#libs/key-format';
import type { Principal } from '#libs/keys-contract';

/** What matters about a key in a test. */
export interface PrincipalOf extends Partial<Omit<Principal, 'owner'>> {
  readonly owner?: Partial<Principal['owner']>;
}

/** The principal of a test's key: without capabilities, and of an ordinary owner, unless you say otherwise. */
export function principal({ owner, ...given }: PrincipalOf = {}): Principal {
  return {
    keyId: newKeyId(),
    capabilities: [],
    expiresAtMs: null,
    rateLimitPerMinute: null,
    owner: {
      id: 'owner',
      email: 'owner@example.com',
      emailVerified: true,
      role: 'user',
      tier: 'free',
      ...owner,
    },
    ...given,
  };
}
