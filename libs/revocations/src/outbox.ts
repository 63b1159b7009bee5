import { type Clock, repeat } from '#libs/clock';
import type { Invalidation } from './revocation-log.js';
import type { Timings } from './timings.js';

/**
 * Changes that are committed, but may not be in the log yet. A change is added in the transaction that makes it, so that
 * it outlives the process that should publish it.
 */
export interface Outbox {
  /**
   * Passes the changes that have been in the outbox for `graceMs` to `add`, oldest first, and removes those for which it
   * resolved. Concurrent calls get different changes. Returns whether there may be more. Rejects if `add` rejects.
   */
  handOver(graceMs: number, add: (target: Invalidation) => Promise<unknown>): Promise<boolean>;

  /** Calls `listener` soon after a change was committed. It may miss some: a doorbell, not a delivery. */
  onCommitted(listener: () => void): () => void;
}

/**
 * Adds to the log the changes that were committed but not published, because the process died in between or the log was
 * unavailable. Any replica's relay does so for all.
 *
 * The process that commits a change publishes it and removes it from the outbox; the relay gives it a moment to do so. If
 * both add it, no harm is done: an entry says "drop this and ask again". The relay only speeds up revocations that no
 * call waits for any more; the promise of a revoke that has returned does not depend on it.
 */
export class OutboxRelay {
  readonly #outbox: Outbox;
  readonly #add: (target: Invalidation) => Promise<unknown>;
  readonly #clock: Clock;
  readonly #timings: Timings;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(parts: {
    outbox: Outbox;
    /** Adds a change to the log, as a `RevocationLog` does. */
    log: { add(target: Invalidation): Promise<unknown> };
    clock: Clock;
    timings: Timings;
  }) {
    this.#outbox = parts.outbox;
    this.#add = (target) => parts.log.add(target);
    this.#clock = parts.clock;
    this.#timings = parts.timings;
  }

  /** Starts relaying. `onOutage` is called with the first failure of each outage of database or log. */
  start(onOutage: (err: unknown) => void = () => undefined): void {
    this.#running = repeat(() => this.#relay(), {
      clock: this.#clock,
      everyMs: this.#timings.outboxPollMs,
      signal: this.#stopping.signal,
      wake: (ring) => this.#outbox.onCommitted(ring),
      onOutage,
    });
  }

  /** Resolves once no change is being handed over. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #relay(): Promise<void> {
    const { outboxGraceMs } = this.#timings;
    // Gives the process that committed a change the time to publish it. A commit during this run wakes the next.
    await this.#clock.wait(outboxGraceMs);
    while (await this.#outbox.handOver(outboxGraceMs, this.#add));
  }
}
