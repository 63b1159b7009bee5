// For whoever talks to Redis.
export { type Impatience, type RedisAddress, connectDoorbell, connectRedis } from './connect-redis.js';

// For whoever shows how that goes.
export { RedisProbe } from './redis-probe.js';
