import { setTimeout as sleep } from 'node:timers/promises';
import { type RedisLocation, connectListener } from './connect-redis.js';
import type { CorkingRedis } from './corking-redis.js';
import { RedisUnavailable } from './describe-failure.js';

/** Options of a doorbell, and whom to tell whether it works. */
export interface DoorbellOptions {
  /** The channel. Publishing to it rings the doorbell. */
  readonly channel: string;
  /**
   * Called with the reason why the doorbell does not work: once per outage, if two checks find it, and once when Redis
   * refuses the subscription.
   */
  readonly onSilent: (cause: unknown) => void;
  /** Called when the doorbell works again. */
  readonly onBack: () => void;
  /** How often to check whether the doorbell works, in milliseconds. Default: 1000. */
  readonly everyMs?: number;
  /** After how many milliseconds without an answer to reconnect. Default: 2000. */
  readonly silenceMs?: number;
}

/**
 * A doorbell in Redis (publish and subscribe), on a separate connection. A ring may be lost: it only says that looking now
 * is worthwhile.
 *
 * It subscribes again every second, which changes nothing while the subscription lasts. That detects a connection that
 * transports nothing although nobody has closed it, and one that a proxy has reestablished without the subscription; and
 * it finds out when the Redis user has regained a missing right.
 */
export class Doorbell {
  readonly #redis: CorkingRedis;
  readonly #options: DoorbellOptions;
  readonly #listeners = new Set<(message?: string) => void>();
  #woken = new AbortController();
  #isClosed = false;
  #isListening = false;
  /** How many checks in a row have found that the doorbell does not work. */
  #failures = 0;
  /** What was reported since the doorbell last worked. */
  #reported: 'nothing' | 'unavailable' | 'refused' = 'nothing';

  private constructor(redis: CorkingRedis, options: DoorbellOptions) {
    this.#redis = redis;
    this.#options = options;
    redis.on('message', (_, message) => this.#ring(message));
    redis.on('ready', () => this.#woken.abort());
    redis.on('close', () => (this.#isListening = false));
  }

  /** Connects, and listens from then on. Waits at most a second for the first connection. */
  static async connect(location: RedisLocation, options: DoorbellOptions): Promise<Doorbell> {
    const { silenceMs } = options;
    const redis = await connectListener(
      // The next check shows why there is no connection.
      { ...location, onError: () => undefined },
      { ...(silenceMs !== undefined && { silenceMs, commandTimeoutMs: silenceMs }) },
    );
    const doorbell = new Doorbell(redis, options);
    doorbell.#listen().catch(options.onSilent);
    return doorbell;
  }

  /** Whether the doorbell works: it is subscribed, and Redis has answered recently. */
  get isListening(): boolean {
    return this.#isListening;
  }

  /**
   * Calls `listener` at each ring with what was published, and without it whenever rings may have been lost. Returns how
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
      this.#report(err);
      return;
    }
    this.#failures = 0;
    if (this.#isListening) return;
    this.#isListening = true;
    if (this.#reported !== 'nothing') this.#options.onBack();
    this.#reported = 'nothing';
    this.#ring();
  }

  /** The first failed check is not reported: most likely, the connection is back by the next one. */
  #report(err: unknown): void {
    const isUnavailable = err instanceof RedisUnavailable;
    const isNews = isUnavailable
      ? this.#reported === 'nothing' && this.#failures > 1
      : this.#reported !== 'refused';
    if (!isNews || this.#isClosed) return;
    this.#reported = isUnavailable ? 'unavailable' : 'refused';
    this.#options.onSilent(err);
  }

  #ring(message?: string): void {
    for (const listener of this.#listeners) listener(message);
  }
}
