// For tests of an application: neither keys nor Redis is needed.
export { KeyGuardTestingModule, type KeyGuardTestingOptions } from './key-guard-testing.module.js';
export { type PrincipalOf, type TestKeys, openTestEngine, principal } from '#libs/key-verifier/testing';
