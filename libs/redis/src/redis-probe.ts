import type { Redis } from 'ioredis';

/** What an operator may want to know of a connection to Redis. */
export class RedisProbe {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  get isConnected(): boolean {
    return this.#redis.status === 'ready';
  }

  /** Resolves when Redis has answered; rejects as every command on the connection does. */
  async ping(): Promise<void> {
    await this.#redis.ping();
  }
}
