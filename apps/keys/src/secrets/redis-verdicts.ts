import type { Redis } from 'ioredis';
import type { KeyId } from '#libs/key-format';
import {
  type Needs,
  type OnSetup,
  type RedisAddress,
  RedisProbe,
  checkRedis,
  connectRedis,
  rightsOn,
} from '#libs/redis';
import type { Clock } from '#libs/clock';
import { VERDICT_TTL_SECONDS, type VerdictStore } from './verdict-store.js';

/** When to give up on Redis: a gateway waits for one second, and bcrypt may have to run after the lookup. */
const TIMEOUTS = { commandTimeoutMs: 200, silenceMs: 1000 };

export interface RedisVerdictsOptions extends Omit<RedisAddress, 'onError'> {
  readonly clock: Clock;
  /** Called with the first failure after a success: an outage, a full Redis, a user that may not write. */
  readonly onTrouble: (cause: unknown) => void;
  /** Called if Redis is not configured for it. */
  readonly onSetup?: OnSetup | undefined;
}

/** The permissions that the Redis user of keys needs for verdicts. */
export function verdictNeeds(prefix = ''): Needs {
  return {
    use: 'verdicts',
    rights: [
      ...rightsOn({ key: `${prefix}verdict:*` }, ['get KEY', 'set KEY v']),
      ...rightsOn({}, ['info', 'ping']),
    ],
  };
}

/** Verdicts in Redis, under `<prefix>verdict:<key id>`. While Redis is unavailable, slow or full, none is found or kept. */
export class RedisVerdicts implements VerdictStore {
  reachedAt: number;
  /** The state of the connection, for metrics. */
  readonly probe: RedisProbe;
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #onTrouble: (cause: unknown) => void;
  #isInTrouble = false;

  private constructor(redis: Redis, { clock, onTrouble, prefix = '' }: RedisVerdictsOptions) {
    this.#redis = redis;
    this.#prefix = prefix;
    this.probe = new RedisProbe(redis);
    this.#onTrouble = onTrouble;
    this.reachedAt = clock.now();
    redis.on('ready', () => (this.reachedAt = clock.now()));
  }

  /** Connects, and reconnects whenever the connection is lost. Waits at most a second for the first connection. */
  static async connect(options: RedisVerdictsOptions): Promise<RedisVerdicts> {
    // A lost connection shows as failing commands.
    const redis = await connectRedis({ ...options, onError: () => undefined }, TIMEOUTS);
    const { prefix, onSetup } = options;
    if (onSetup !== undefined) checkRedis(redis, verdictNeeds(prefix), onSetup);
    return new RedisVerdicts(redis, options);
  }

  async find(id: KeyId): Promise<string | undefined> {
    try {
      return (await this.#redis.get(this.#nameOf(id))) ?? undefined;
    } catch (err) {
      this.#failed(err);
      return undefined;
    }
  }

  keep(id: KeyId, verdict: string): void {
    this.#redis.set(this.#nameOf(id), verdict, 'EX', VERDICT_TTL_SECONDS).then(
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

  #nameOf(id: KeyId): string {
    return `${this.#prefix}verdict:${id}`;
  }
}
