// For a Nest application behind the gateway.
export { SignedIdentityModule, type SignedIdentityOptions } from './signed-identity.module.js';
export { Audience, Identity } from './identity.guard.js';
export { identityOf } from '../identified.js';
export type { PublicKeys, SignedIdentity } from '../identity-verifier.js';
