// To talk to Redis.
export { type Timeouts, type RedisAddress, type RedisLocation, connectRedis } from './connect-redis.js';

export { type OnSetup, checkRedis } from './check-redis.js';
export { type Needs, type Right, aclRules, rightsOn } from './rights.js';
export { Doorbell, type DoorbellOptions } from './doorbell.js';
export { RedisUnavailable } from './describe-failure.js';

// For metrics.
export { RedisProbe } from './redis-probe.js';

// For settings.
export { redisAuthorities, redisPrefix, redisUrl, sentinelPassword } from './sentinels.js';
