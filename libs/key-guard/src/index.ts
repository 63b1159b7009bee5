import '#libs/event-loop'; // first: see its README

// For a Nest application that is protected by API keys.
export { KeyGuardModule } from './key-guard.module.js';
export type { KeyGuardOptions } from './options.js';
export type { RateLimitOptions, RevocationSource } from '#libs/key-verifier';
export { AnyValidKey, Caller, Capabilities, Public } from './declaration/declarations.js';
export { type Principal, callerOf } from '#libs/key-verifier';

// For the application's own metrics.
export { GuardStats } from '#libs/key-verifier';

// For applications that answer requests without a route.
export { UnroutedRequests } from '#libs/key-verifier';

// For an API description of what the guard enforces.
export { DeclaredRoutes } from './declaration/declared-routes.js';
export type { Declaration } from '#libs/key-verifier';

// For those who describe what the guard refuses, or word it themselves.
export { KeyGuardException } from './key-guard-exception.js';
export { KeyGuardProblem } from '#libs/key-verifier';
