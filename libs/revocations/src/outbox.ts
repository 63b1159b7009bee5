import { type Clock, repeat } from '#libs/clock';
import type { Invalidation } from './revocation-log.js';
import type { Timings } from './timings.js';

/**
 * Changes that are committed, and not yet known to be in the log. A change is put there in the transaction that makes
 * it, so that it outlives the process that should publish it.
 */
export interface Outbox {
  /**
   * Hands the changes that have stood there for `graceMs` to `add`, in the order in which they were put there, and
   * takes out those for which that resolved. Of several who do this at once, each is handed others. Answers whether
   * there may be more. Rejects with what `add` rejected with.
   */
  handOver(graceMs: number, add: (target: Invalidation) => Promise<unknown>): Promise<boolean>;

  /** Calls `listener` soon after a change was committed. It may miss some: a doorbell, not a delivery. */
  onCommitted(listener: () => void): () => void;
}

/**
 * Adds to the log the changes that were committed but not published: the process died in between, or the log was away.
 * The relay of any replica does so for all.
 *
 * The process that commits a change publishes it and takes it out of the outbox; the relay gives it a moment for that. If
 * both add it, no harm is done: an entry says "drop this and ask again". The relay only makes a revocation effective that
 * nobody waits for any more; that a revoke which has returned holds does not depend on it.
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
    /** Adds a change to the log; a `RevocationLog`. */
    log: { add(target: Invalidation): Promise<unknown> };
    clock: Clock;
    timings: Timings;
  }) {
    this.#outbox = parts.outbox;
    this.#add = (target) => parts.log.add(target);
    this.#clock = parts.clock;
    this.#timings = parts.timings;
  }

  /** Starts relaying. `onOutage` is called with the first failure of each outage, of database or log. */
  start(onOutage: (err: unknown) => void = () => undefined): void {
    this.#running = repeat(() => this.#relay(), {
      clock: this.#clock,
      everyMs: this.#timings.outboxPollMs,
      signal: this.#stopping.signal,
      wake: (ring) => this.#outbox.onCommitted(ring),
      onOutage,
    });
  }

  /** Resolves when nothing is being handed over any more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #relay(): Promise<void> {
    const { outboxGraceMs } = this.#timings;
    // The process that has committed a change gets the time to publish it. A commit during this run rings for the next.
    await this.#clock.wait(outboxGraceMs);
    while (await this.#outbox.handOver(outboxGraceMs, this.#add));
  }
}
