import '#libs/event-loop'; // first: see its README

// For an application without Nest. Adapters to frameworks: `express` and `fastify`.
export { createVerifier } from './create-verifier.js';
export type { AnyRequest, Needs, RequestVerifier, Verdict, VerifyOptions } from './create-verifier.js';

// The engine, for adapters to frameworks.
export { KeyVerifier } from './key-verifier.js';
export type { VerifierOptions } from './options.js';
export { OptionsError, callback, checkOptions, verifierOptions } from './parse-options.js';
export type { Log } from './log.js';
export type { RevocationSource } from './followed-log.js';
export type { RateLimitOptions } from './limits/request-limits.js';
export type { GuardedRequest, GuardedResponse, Refused } from './admission/admission.js';
export type { DeclaredRoute, Declaration } from './admission/declaration.js';
export { routeName } from './admission/route-name.js';
export { type NowOrLater, isLater } from './now-or-later.js';

// For handlers.
export { type Called, callerOf, optionalCallerOf, setCaller } from './admission/caller.js';
export type { Principal } from '#libs/keys-contract';

// For the application's own metrics.
export { GuardStats } from './guard-stats.js';
export type { SetupMistake } from './setup-check.js';

// For applications to which people report keys that they have found.
export type { ExposedKeys, KeySighting } from './reports/exposed-keys.js';

// For applications that answer requests without a route.
export { UnroutedRequests } from './admission/unrouted-requests.js';

// For who sets up Redis.
export { rateLimitNeeds } from './limits/redis-rate-limits.js';

// For those who describe what is refused, or word it themselves.
export { KeyGuardProblem } from './key-guard-problem.js';
