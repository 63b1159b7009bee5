import type { Clock } from '#libs/clock';
import type { RevocationLog } from './revocation-log.js';

/**
 * Lets a publisher look as soon as all gateways have acknowledged its entry, rather than by the clock alone. A ring says
 * only that it is worth looking now: it may be lost, and may belong to a history of the log that is gone.
 */
export class AcknowledgmentBell {
  readonly #clock: Clock;
  readonly #unsubscribe: () => void;
  /** The newest entry that was rung for, and not waited for since. */
  #rungFor = -Infinity;
  #awaited = Infinity;
  #waiting = new AbortController();

  constructor(log: RevocationLog, clock: Clock) {
    this.#clock = clock;
    this.#unsubscribe = log.onAcknowledged((number) => {
      this.#rungFor = Math.max(this.#rungFor, number);
      // With a reason, so that no error is made.
      if (number >= this.#awaited) this.#waiting.abort('rung');
    });
  }

  /** Waits for `ms` milliseconds, or until it has rung for the entry; a ring shortens one wait. */
  async wait(ms: number, number = Infinity): Promise<void> {
    this.#awaited = number;
    if (ms > 0 && this.#rungFor < number) {
      this.#waiting = new AbortController();
      await this.#clock.wait(ms, this.#waiting.signal);
    }
    this.#rungFor = -Infinity;
  }

  close(): void {
    this.#unsubscribe();
  }
}
