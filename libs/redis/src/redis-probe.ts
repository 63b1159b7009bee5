import type { Redis } from 'ioredis';

/** The state of a connection to Redis, for operators. */
export class RedisProbe {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  get isConnected(): boolean {
    return this.#redis.status === 'ready';
  }

  /** Resolves when Redis has answered; rejects as any command on the connection does. */
  async ping(): Promise<void> {
    await this.#redis.ping();
  }
}
