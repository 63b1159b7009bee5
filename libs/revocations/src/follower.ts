import { randomUUID } from 'node:crypto';
import { type Clock, repeat } from '#libs/clock';
import {
  NOWHERE,
  type Position,
  type Renewal,
  type RevocationLog,
  type Invalidation,
} from './revocation-log.js';
import type { Timings } from './timings.js';

/** A cache, as a follower sees it. Both methods must take effect before they return. */
export interface Invalidatable {
  /** Drops what `target` names, and fences the questions in flight about it: their answers must not be kept. */
  invalidate(target: Invalidation): void;
}

/**
 * Follows a revocation log, and holds the lease without which no cached answer may be used.
 *
 * Every `renewMs`, and at once when the doorbell rings, it renews: it reads the new entries, drops what they name,
 * acknowledges them, and only then extends its lease, counted from when it sent the renewal. It drops everything if the
 * log has another history, if entries are missing, or if its lease has expired meanwhile: publishers may have returned
 * since without waiting for it, and the log may have gone back to before that.
 */
export class RevocationFollower {
  readonly #log: RevocationLog;
  readonly #cache: Invalidatable;
  readonly #clock: Clock;
  readonly #timings: Timings;
  readonly #instance: string;
  #identity: string | null = null;
  #position: Position = NOWHERE;
  #beat = 0;
  #leaseUntil = -Infinity;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor({
    log,
    cache,
    clock,
    timings,
    instance = randomUUID(),
  }: {
    log: RevocationLog;
    cache: Invalidatable;
    clock: Clock;
    timings: Timings;
    /** Its name in the log: unique, and new after each restart. */
    instance?: string;
  }) {
    this.#instance = instance;
    this.#log = log;
    this.#cache = cache;
    this.#clock = clock;
    this.#timings = timings;
  }

  /** Starts following. `onOutage` is called with the first failed renewal of each outage. */
  start(onOutage: (err: unknown) => void = () => undefined): void {
    this.#running = repeat(() => this.#renew(), {
      clock: this.#clock,
      everyMs: this.#timings.renewMs,
      signal: this.#stopping.signal,
      wake: (ring) => this.#log.onAdded(ring),
      onOutage,
    });
  }

  /** Whether cached answers may be used at this moment. */
  get holdsLease(): boolean {
    return this.#clock.now() < this.#leaseUntil;
  }

  /** The identity of the followed log, or null before the first renewal. */
  get identity(): string | null {
    return this.#identity;
  }

  /** Gives up the lease and deregisters, so that no revocation waits for it. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#leaseUntil = -Infinity;
    await this.#running;
    // If the log cannot be reached now, publishers will notice that the renewals have stopped.
    await this.#log.remove(this.#instance).catch(() => undefined);
  }

  async #renew(): Promise<void> {
    const sentAt = this.#clock.now();
    this.#beat++;
    const renewal = await this.#log.renew({
      instance: this.#instance,
      beat: this.#beat,
      identity: this.#identity,
      position: this.#position,
    });
    this.#apply(renewal);
    await this.#log.acknowledge(this.#instance, this.#position);
    if (!this.#stopping.signal.aborted) this.#leaseUntil = sentAt + this.#timings.leaseMs;
  }

  #apply(renewal: Renewal): void {
    if (this.#goesOnFrom(renewal)) {
      for (const { target } of renewal.entries) this.#cache.invalidate(target);
    } else {
      this.#cache.invalidate({ kind: 'everything' });
    }
    this.#identity = renewal.identity;
    this.#position = renewal.last;
  }

  /** Whether applying the entries makes the cache current. */
  #goesOnFrom({ identity, isKnown, last, entries }: Renewal): boolean {
    const { number: position } = this.#position;
    const isWhole =
      entries.length === last.number - position &&
      entries.every(({ number }, i) => number === position + i + 1);
    return isKnown && identity === this.#identity && isWhole && this.holdsLease;
  }
}
