import '#libs/event-loop';

// For a Nest application that is to be guarded.
export { KeyGuardModule } from './key-guard.module.js';
export type { KeyGuardOptions } from './options.js';
export type { RevocationSource } from './followed-log.js';
export type { RateLimitOptions } from './request-limits.js';
export { AnyValidKey, Caller, Capabilities, Public } from './declarations.js';
export type { Principal } from '#libs/keys-client';

// For whoever shows an operator how it does.
export { GuardStats } from './guard-stats.js';

// For applications that answer requests without a route.
export { UnroutedRequests } from './unrouted-requests.js';

// For whoever describes what the guard enforces.
export { DeclaredRoutes } from './declared-routes.js';
export type { Declaration } from './declarations.js';
