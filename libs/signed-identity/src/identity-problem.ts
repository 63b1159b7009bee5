import { declareProblems } from '#libs/problems';
import type { IdentityRefusal } from './identity-verifier.js';

/** Why an identity is not accepted. From outside they look alike. */
const IDENTITY_REASONS = {
  identity_expired: 'the identity has expired by the clock of the service',
  identity_malformed: 'the identity is not a signed JWT',
  identity_of_unknown_key: 'the gateway publishes no key with the key ID in the identity',
  identity_wrong_algorithm: 'the identity is signed with another algorithm than EdDSA',
  identity_wrong_claims:
    'the identity is for another group of services, from another issuer, or lacks a claim',
  identity_wrong_signature: 'the signature of the identity is wrong',
} as const satisfies Readonly<Record<IdentityRefusal, string>>;

const REASONS = {
  ...IDENTITY_REASONS,
  identity_missing: 'the request has no identity: it did not come through the gateway',
  identity_keys_unavailable: 'the public keys of the gateway cannot be fetched',
} as const;

export type IdentityReason = keyof typeof REASONS;

/** What a service behind the gateway refuses a request with that the gateway has not signed. */
export class IdentityProblem extends declareProblems({ codes: {}, reasons: REASONS }) {}
