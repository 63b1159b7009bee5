// For whoever talks to Redis.
export { type Impatience, type RedisAddress, connectDoorbell, connectRedis } from './connect-redis.js';
