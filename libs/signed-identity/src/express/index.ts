// For an Express application behind the gateway.
export { type RequireIdentityOptions, requireIdentity } from './require-identity.js';
export { identityOf } from '../identified.js';
export type { PublicKeys, SignedIdentity } from '../identity-verifier.js';
