// For tests of an application: neither keys nor Redis is needed.
export { type PrincipalOf, principal } from './principal.js';
export { type TestKeys, createTestVerifier, openTestEngine } from './test-verifier.js';
