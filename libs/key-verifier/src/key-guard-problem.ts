import type { Refusal } from '#libs/keys-contract';
import { declareProblems } from '#libs/problems';

/** Why a key is not accepted. From outside they look alike. */
const KEY_REASONS = {
  malformed: 'the text does not look like a key',
  mistyped: 'the key’s checksum does not match: most likely a typing mistake',
  forged: 'the key’s tag was not made with a `KEY_TAG_SECRET` of this deployment',
  unknown: 'there is no key with this ID',
  wrong_secret: 'there is a key with this ID, but its secret is another',
  revoked: 'the key is revoked',
  expired: 'the key has expired',
  paused: 'the key is paused',
  owner_suspended: 'the owner of the key is suspended',
  other: 'a reason that only a newer keys service knows',
} as const satisfies Readonly<Record<Refusal, string>>;

const REASONS = {
  ...KEY_REASONS,
  credentials_malformed: 'two `Authorization` headers, one that cannot be read, or a credential in the URL',
  too_many_failures: 'the address has sent too many refused keys',
  allowed_addresses_unreadable:
    'the key may only be used from certain addresses, which a newer keys service says in a way that this version cannot read',
  owner_rate_limited: 'the keys of the owner have used up their minute together',
  owner_too_many_concurrent_requests: 'the keys of the owner have too many requests open together',
  keys_busy: 'the keys service has too many bcrypt runs waiting to verify this key now',
  keys_unavailable: 'the keys service does not respond, or cannot verify',
} as const;

export type KeyGuardReason = keyof typeof REASONS;

/** What the guard refuses a request with. */
export class KeyGuardProblem extends declareProblems({
  codes: {
    insufficient_scope: { status: 403, title: 'The key lacks a capability' },
    address_not_allowed: { status: 403, title: 'The key may not be used from this address' },
    too_many_concurrent_requests: { status: 429, title: 'Too many requests at the same time' },
  },
  reasons: REASONS,
}) {}
