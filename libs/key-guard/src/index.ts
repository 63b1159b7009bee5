import '#libs/event-loop'; // first: see its README

// For a Nest application that is protected by API keys.
export { KeyGuardModule } from './key-guard.module.js';
export { KeyGuard } from './key.guard.js';
export type { CarriedRequest, KeyGuardExtras, KeyGuardOptions } from './options.js';
export type { RateLimitOptions, RevocationSource } from '#libs/key-verifier';
export {
  AnyOf,
  AnyValidKey,
  Caller,
  Capabilities,
  GuardedBy,
  OptionalKey,
  Public,
} from './declaration/declarations.js';
export { type Principal, callerOf, optionalCallerOf } from '#libs/key-verifier';

/**
 * Your own capabilities, so that the compiler knows them:
 * `declare module '…/key-guard' { interface Register { capability: 'invoices:read' | 'invoices:write' } }`.
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- applications fill it
export interface Register {}

/** The name of a capability: any text, or one of yours if you have told which there are in {@link Register}. */
export type Capability = Register extends { readonly capability: infer Name extends string } ? Name : string;

// For tests that replace it.
export { KeyVerifier } from '#libs/key-verifier';

// For the application's own metrics and health.
export { GuardStats, type SetupMistake } from '#libs/key-verifier';

// For applications that answer requests without a route.
export { UnroutedRequests } from '#libs/key-verifier';

// For an API description of what the guard enforces.
export { DeclaredRoutes } from './declaration/declared-routes.js';
export type { RouteDeclaration } from './declaration/declarations.js';

// For those who describe what the guard refuses, or word it themselves.
export { KeyGuardException } from './key-guard-exception.js';
export { KeyGuardProblem } from '#libs/key-verifier';
