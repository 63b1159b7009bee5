// For those who limit.
export { type RateLimitResult, type RateLimits, WINDOW_SECONDS } from './rate-limits.js';
export { InProcessRateLimits } from './in-process-rate-limits.js';
export { RedisRateLimits, rateLimitNeeds } from './redis-rate-limits.js';

// For what is counted in this process alone.
export { FixedWindowCounter } from './fixed-window-counter.js';
