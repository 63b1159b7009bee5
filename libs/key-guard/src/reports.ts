import { Logger } from '@nestjs/common';
import { ReportRefused } from '#libs/keys-client';
import type { Clock } from '#libs/revocations';

/** The part of the interval over which a report of several messages is spread. */
const SPREAD = 1 / 8;

export interface ReportsOptions<Note> {
  /** What the log says they are: `the last uses of keys`. */
  readonly what: string;
  /** How many one message may tell. */
  readonly perMessage: number;
  /** Takes out what was noted so far. */
  readonly take: () => readonly Note[];
  /** Tells them. Rejects when nobody has taken them, with a {@link ReportRefused} if nobody ever will. */
  readonly send: (notes: readonly Note[]) => Promise<void>;
  /** Notes again what nobody has taken, beside what was noted since. */
  readonly putBack: (notes: readonly Note[]) => void;
  readonly clock: Clock;
  readonly everyMs: number;
  /** From 0 to 1: gateways that were started together are not to report together. */
  readonly random?: (() => number) | undefined;
}

/**
 * Tells keys in batches of what happens at a guard: a request costs a note in memory, and no message.
 *
 * What is noted is told within 1.1 times `everyMs`; in 1.225 when that takes many messages, since keys writes each to
 * its database, where honest callers would feel all of them at once. A report that fails is tried again with the next
 * one; one that keys refuses for its shape is dropped, so that it is not sent for ever. A process that is stopped tells the rest first; one that is killed takes along what it has not told.
 */
export class Reports<Note> {
  readonly #logger = new Logger('Reports');
  readonly #options: ReportsOptions<Note>;
  readonly #stopping = new AbortController();
  #reporting: Promise<void> = Promise.resolve();
  /** How many notes were dropped, keys having refused them. */
  dropped = 0;

  constructor(options: ReportsOptions<Note>) {
    this.#options = options;
  }

  start(): void {
    this.#reporting = this.#reportForEver();
  }

  /** Tells what is noted. To be called after the last request, while keys can still be reached. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#reporting;
  }

  async #reportForEver(): Promise<void> {
    const { clock, everyMs, random = Math.random, what } = this.#options;
    const { signal } = this.#stopping;
    let isFailing = false;
    // Read before the last report is made up: what was noted while one was on its way is not in that one.
    for (let isLast = false; !isLast;) {
      await clock.wait(everyMs * (0.9 + 0.2 * random()), signal);
      isLast = signal.aborted;
      try {
        await this.#report();
        isFailing = false;
      } catch (err) {
        if (!isFailing) this.#logger.warn({ err, msg: `${what} cannot be reported: tried again` });
        isFailing = true;
      }
    }
  }

  #drop(count: number, err: ReportRefused): void {
    const msg = `keys refuses a report of ${this.#options.what}: ${count} entries are dropped`;
    if (this.dropped === 0) this.#logger.error({ err, msg });
    this.dropped += count;
  }

  /** In as many messages as it takes, one after another; without a pause when the process is to end. */
  async #report(): Promise<void> {
    const { clock, everyMs, perMessage, take, send, putBack } = this.#options;
    const notes = take();
    const pauseMs = (everyMs * SPREAD) / Math.ceil(notes.length / perMessage);
    for (let i = 0; i < notes.length; i += perMessage) {
      if (i > 0) await clock.wait(pauseMs, this.#stopping.signal);
      try {
        await send(notes.slice(i, i + perMessage));
      } catch (err) {
        if (!(err instanceof ReportRefused)) {
          putBack(notes.slice(i));
          throw err;
        }
        this.#drop(notes.slice(i, i + perMessage).length, err);
      }
    }
  }
}
