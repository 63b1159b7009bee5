import { Logger } from '@nestjs/common';
import type { Clock } from '#libs/revocations';

/** What was noted, by its name. */
export type Noted<Note> = readonly (readonly [name: string, note: Note])[];

export interface ReportsOptions<Note> {
  /** What the log says they are: `the last uses of keys`. */
  readonly what: string;
  /** How many are noted at most. Of a further one before the next report, nobody learns. */
  readonly most: number;
  /** How many one message may tell. */
  readonly perMessage: number;
  /** Tells them. Rejects when nobody has taken them. */
  readonly send: (noted: Noted<Note>) => Promise<void>;
  /** What to keep when the same was noted again while a report of it failed. */
  readonly merge: (earlier: Note, later: Note) => Note;
  readonly clock: Clock;
  readonly everyMs: number;
  /** From 0 to 1: gateways that were started together are not to report together. */
  readonly random?: (() => number) | undefined;
}

/**
 * Notes what happens at a guard, and tells keys of it in batches: a request costs an entry in a map, and no message.
 *
 * What is noted is told within `everyMs` and a tenth, and a report that fails is tried again with the next one. A
 * process that is stopped tells the rest first; one that is killed takes along what it has not told.
 */
export class Reports<Note> {
  readonly #logger = new Logger('Reports');
  readonly #options: ReportsOptions<Note>;
  readonly #stopping = new AbortController();
  #noted = new Map<string, Note>();
  #reporting: Promise<void> = Promise.resolve();

  constructor(options: ReportsOptions<Note>) {
    this.#options = options;
  }

  /** What is noted under a name, and not yet being told. */
  get(name: string): Note | undefined {
    return this.#noted.get(name);
  }

  set(name: string, note: Note): void {
    if (this.#noted.size < this.#options.most || this.#noted.has(name)) this.#noted.set(name, note);
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

  /** In as many messages as it takes. What nobody has taken is noted again. */
  async #report(): Promise<void> {
    const { perMessage, send } = this.#options;
    const noted = [...this.#noted];
    this.#noted = new Map();
    for (let i = 0; i < noted.length; i += perMessage) {
      try {
        await send(noted.slice(i, i + perMessage));
      } catch (err) {
        this.#noteAgain(noted.slice(i));
        throw err;
      }
    }
  }

  #noteAgain(noted: Noted<Note>): void {
    for (const [name, earlier] of noted) {
      const later = this.#noted.get(name);
      this.set(name, later === undefined ? earlier : this.#options.merge(earlier, later));
    }
  }
}
