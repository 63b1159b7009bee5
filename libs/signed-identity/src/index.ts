// For services behind the gateway, without a framework. Adapters: `nest` and `express`.
export { IdentityVerifier } from './identity-verifier.js';
export type {
  IdentityRefusal,
  IdentityVerification,
  PublicKeys,
  SignedIdentity,
} from './identity-verifier.js';
export { type IdentityCheck, checkIdentity } from './check-identity.js';
export { type AudienceName, IDENTITY_HEADER } from './contract.js';

// For the documentation.
export { IdentityProblem } from './identity-problem.js';
