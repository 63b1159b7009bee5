import '#libs/event-loop'; // first: see its README

// For a Nest application that is protected by API keys.
export { KeyGuardModule } from './key-guard.module.js';
export type { KeyGuardOptions } from './options.js';
export type { RevocationSource } from './followed-log.js';
export type { RateLimitOptions } from './limits/request-limits.js';
export { AnyValidKey, Caller, Capabilities, Public } from './declaration/declarations.js';
export { callerOf } from './declaration/caller.js';
export type { Principal } from '#libs/keys-contract';

// For the application's own metrics.
export { GuardStats } from './guard-stats.js';

// For applications that answer requests without a route.
export { UnroutedRequests } from './admission/unrouted-requests.js';

// For who sets up Redis.
export { rateLimitNeeds } from './limits/redis-rate-limits.js';

// For an API description of what the guard enforces.
export { DeclaredRoutes } from './declaration/declared-routes.js';
export type { Declaration } from './declaration/declarations.js';

// For those who describe what the guard refuses, or word it themselves.
export { KeyGuardException } from './key-guard-exception.js';
export { KeyGuardProblem } from './key-guard-problem.js';
