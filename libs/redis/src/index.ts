// For whoever talks to Redis.
export { type RedisAddress, connectDoorbell, connectRedis } from './connect-redis.js';
