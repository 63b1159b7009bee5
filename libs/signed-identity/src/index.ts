// For services behind the gateway.
export { SignedIdentityModule } from './signed-identity.module.js';
export type { SignedIdentityOptions } from './signed-identity.module.js';
export { Audience, Identity } from './identity.guard.js';
export type { PublicKeys, SignedIdentity } from './identity-verifier.js';

// For the gateway, which signs.
export { IdentitySigner } from './identity-signer.js';

// For the documentation.
export { IdentityProblem } from './identity-problem.js';

// For both.
export { type AudienceName, IDENTITY_HEADER } from './contract.js';
