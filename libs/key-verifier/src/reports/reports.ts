import { ReportRefused } from '#libs/keys-client';
import { type Clock, repeat } from '#libs/clock';
import type { Log } from '../log.js';

/** The part of the interval over which a report of several messages is spread. */
const SPREAD = 1 / 8;

export interface ReportsOptions<Note> {
  /** What is reported, for the log: `the last uses of keys`. */
  readonly what: string;
  /** The maximum number of entries in a message. */
  readonly perMessage: number;
  /** Takes the entries recorded so far. */
  readonly take: () => readonly Note[];
  /** Sends them. Rejects if they were not accepted, with a {@link ReportRefused} if they never will be. */
  readonly send: (notes: readonly Note[]) => Promise<void>;
  /** Records again what was not accepted, merged with what was recorded since. */
  readonly putBack: (notes: readonly Note[]) => void;
  readonly clock: Clock;
  readonly log: Log;
  readonly everyMs: number;
  /** From 0 to 1, so that gateways that were started together do not report together. */
  readonly random?: (() => number) | undefined;
}

/**
 * Reports what happens at a guard to keys, in batches: a request costs an entry in memory, and no message.
 *
 * An entry is reported within 1.1 times `everyMs`, or within 1.225 times if there are many messages: these are spread,
 * since keys writes each to its database. A failed report is sent again with the next one; one that keys refuses as invalid
 * is dropped, so that it is not sent forever. A stopping process reports the rest first; a killed one loses what it has not
 * reported.
 */
export class Reports<Note> {
  readonly #options: ReportsOptions<Note>;
  readonly #stopping = new AbortController();
  #reporting: Promise<void> = Promise.resolve();
  /** How many entries were dropped because keys refused them. */
  dropped = 0;

  constructor(options: ReportsOptions<Note>) {
    this.#options = options;
  }

  start(): void {
    const { clock, everyMs, random = Math.random } = this.#options;
    this.#reporting = repeat(() => this.#report(), {
      clock,
      everyMs: () => everyMs * (0.9 + 0.2 * random()),
      immediate: false,
      signal: this.#stopping.signal,
      onOutage: (err) => this.#warn(err, 'retrying'),
    });
  }

  /** Reports what is left. Call it after the last request, while keys can still be reached. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#reporting;
    // Once more, since what was recorded during a report is not in it.
    await this.#report().catch((err: unknown) => this.#warn(err, 'lost, since this process ends'));
  }

  #warn(err: unknown, consequence: string): void {
    this.#options.log.warn({ err, msg: `${this.#options.what} cannot be reported: ${consequence}` });
  }

  #drop(count: number, err: ReportRefused): void {
    const msg = `keys refuses a report of ${this.#options.what}: ${count} entries are dropped`;
    if (this.dropped === 0) this.#options.log.error({ err, msg });
    this.dropped += count;
  }

  /** In as many messages as needed, one after another; without pauses if the process is stopping. */
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
