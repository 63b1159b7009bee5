import { setTimeout as sleep } from 'node:timers/promises';
import { type RedisLocation, connectListener } from './connect-redis.js';
import type { CorkingRedis } from './corking-redis.js';
import { RedisUnavailable } from './describe-failure.js';

/** What rings, and who hears whether it can. */
export interface DoorbellOptions {
  /** Publishing to it rings. */
  readonly channel: string;
  /**
   * Hears why it does not ring at present: once per outage that is found in two looks, and once that Redis refuses it.
   */
  readonly onSilent: (cause: unknown) => void;
  /** Hears that it rings again. */
  readonly onBack: () => void;
  /** How often it is looked whether it would ring, in milliseconds; every second by default. */
  readonly everyMs?: number;
  /** After how many milliseconds without an answer the connection is replaced; two seconds by default. */
  readonly silenceMs?: number;
}

/**
 * A doorbell in Redis (publish and subscribe), on a connection of its own. A ring may be lost: it says only that it is
 * worth looking now.
 *
 * It subscribes again every second, which changes nothing where the subscription lasts. So it notices a connection that
 * nothing passes through any more and that nobody has closed, and one that something on the way has made again without
 * the subscription; and it finds out when a right is back that the Redis user was without.
 */
export class Doorbell {
  readonly #redis: CorkingRedis;
  readonly #options: DoorbellOptions;
  readonly #listeners = new Set<(message?: string) => void>();
  #woken = new AbortController();
  #isClosed = false;
  #isListening = false;
  /** How many looks in a row have found that it would not ring. */
  #failures = 0;
  /** What was told since it rang last. */
  #told: 'nothing' | 'away' | 'refused' = 'nothing';

  private constructor(redis: CorkingRedis, options: DoorbellOptions) {
    this.#redis = redis;
    this.#options = options;
    redis.on('message', (_, message) => this.#ring(message));
    redis.on('ready', () => this.#woken.abort());
    redis.on('close', () => (this.#isListening = false));
  }

  /** Connects, and listens from then on. Waits for the first connection for at most a second. */
  static async connect(place: RedisLocation, options: DoorbellOptions): Promise<Doorbell> {
    const { silenceMs } = options;
    const redis = await connectListener(
      // Why there is no connection shows in the next look.
      { ...place, onError: () => undefined },
      { ...(silenceMs !== undefined && { silenceMs, commandTimeoutMs: silenceMs }) },
    );
    const doorbell = new Doorbell(redis, options);
    doorbell.#listen().catch(options.onSilent);
    return doorbell;
  }

  /** Whether it would ring: it is subscribed, and Redis has answered lately. */
  get isListening(): boolean {
    return this.#isListening;
  }

  /**
   * Calls `listener` at each ring with what was published, and without it whenever rings may have been lost. Answers how
   * to stop that.
   */
  onRing(listener: (message?: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#listeners.clear();
    this.#isClosed = true;
    this.#woken.abort();
    this.#redis.disconnect();
  }

  async #listen(): Promise<void> {
    const { everyMs = 1000 } = this.#options;
    while (!this.#isClosed) {
      this.#woken = new AbortController();
      await this.#subscribe();
      await sleep(everyMs, undefined, { signal: this.#woken.signal }).catch(() => undefined);
    }
  }

  async #subscribe(): Promise<void> {
    try {
      await this.#redis.subscribe(this.#options.channel);
    } catch (err) {
      this.#isListening = false;
      this.#failures++;
      this.#tell(err);
      return;
    }
    this.#failures = 0;
    if (this.#isListening) return;
    this.#isListening = true;
    if (this.#told !== 'nothing') this.#options.onBack();
    this.#told = 'nothing';
    this.#ring();
  }

  /** A connection that was lost is most likely back at the next look. */
  #tell(err: unknown): void {
    const isAway = err instanceof RedisUnavailable;
    const isNews = isAway ? this.#told === 'nothing' && this.#failures > 1 : this.#told !== 'refused';
    if (!isNews || this.#isClosed) return;
    this.#told = isAway ? 'away' : 'refused';
    this.#options.onSilent(err);
  }

  #ring(message?: string): void {
    for (const listener of this.#listeners) listener(message);
  }
}
