import type { Redis } from 'ioredis';
import type { KeyId } from '#libs/key-format';
import { type RedisAddress, RedisProbe, connectRedis } from '#libs/redis';
import type { Clock } from '#libs/revocations';
import { VERDICT_TTL_SECONDS, type VerdictStore } from './verdict-store.js';

/** When Redis is taken for dead: a gateway waits for one second, and bcrypt may have to run after the look-up. */
const IMPATIENCE = { commandTimeoutMs: 200, silenceMs: 1000 };

export interface RedisVerdictsOptions extends Omit<RedisAddress, 'onError'> {
  readonly clock: Clock;
  /** Hears of the first failure after a success: an outage, a full Redis, a user that may not write. */
  readonly onTrouble: (cause: unknown) => void;
}

/** Verdicts in Redis, at `verdict:<key id>`. Away, slow or full, it has none and keeps none, and nobody waits for it. */
export class RedisVerdicts implements VerdictStore {
  reachedAt: number;
  /** How the connection does, for whoever shows that. */
  readonly probe: RedisProbe;
  readonly #redis: Redis;
  readonly #onTrouble: (cause: unknown) => void;
  #isInTrouble = false;

  private constructor(redis: Redis, { clock, onTrouble }: RedisVerdictsOptions) {
    this.#redis = redis;
    this.probe = new RedisProbe(redis);
    this.#onTrouble = onTrouble;
    this.reachedAt = clock.now();
    redis.on('ready', () => (this.reachedAt = clock.now()));
  }

  /** Connects, and again whenever the connection is lost. Waits for the first connection for at most a second. */
  static async connect(options: RedisVerdictsOptions): Promise<RedisVerdicts> {
    // A connection that is lost shows in the commands that fail.
    const redis = await connectRedis({ ...options, onError: () => undefined }, IMPATIENCE);
    return new RedisVerdicts(redis, options);
  }

  async find(id: KeyId): Promise<string | undefined> {
    try {
      return (await this.#redis.get(nameOf(id))) ?? undefined;
    } catch (err) {
      this.#failed(err);
      return undefined;
    }
  }

  keep(id: KeyId, verdict: string): void {
    this.#redis.set(nameOf(id), verdict, 'EX', VERDICT_TTL_SECONDS).then(
      () => (this.#isInTrouble = false),
      (err: unknown) => this.#failed(err),
    );
  }

  close(): void {
    this.#redis.disconnect();
  }

  #failed(cause: unknown): void {
    if (!this.#isInTrouble) this.#onTrouble(cause);
    this.#isInTrouble = true;
  }
}

function nameOf(id: KeyId): string {
  return `verdict:${id}`;
}
