import { Logger } from '@nestjs/common';
import { USED_LIMIT, type Uses } from '#libs/keys-client';
import type { Clock } from '#libs/revocations';

/** How many keys are noted at most. Of a further one that is used before the next report, nobody learns. */
const MOST = 500_000;

/** Who is told of uses: a `VerifyClient`. */
export interface UseReporter {
  /** Rejects when nobody has taken them. */
  report(uses: Uses): Promise<void>;
}

/** When a key was used last, by its id, on the clock of this process. */
type Noted = readonly (readonly [keyId: string, at: number])[];

/**
 * Notes which keys are used, and tells keys of them in batches: a request costs an entry in a map, and no write.
 *
 * A use is told within `everyMs` and a tenth, and a report that fails is tried again with the next one. With 20 seconds
 * or less, `last_used_at` is at most 60 seconds late, even when one report has failed after all of its tries. A process
 * that is stopped tells the rest first; one that is killed takes along what it has not told.
 */
export class UsedKeys {
  readonly #logger = new Logger(UsedKeys.name);
  readonly #reporter: UseReporter;
  readonly #clock: Clock;
  readonly #everyMs: number;
  /** From 0 to 1: gateways that were started together are not to report together. */
  readonly #random: () => number;
  readonly #stopping = new AbortController();
  #noted = new Map<string, number>();
  #reporting: Promise<void> = Promise.resolve();

  constructor(parts: { reporter: UseReporter; clock: Clock; everyMs: number; random?: () => number }) {
    this.#reporter = parts.reporter;
    this.#clock = parts.clock;
    this.#everyMs = parts.everyMs;
    this.#random = parts.random ?? Math.random;
  }

  /** Says that a key is let in at this moment. */
  note(keyId: string): void {
    if (this.#noted.size < MOST || this.#noted.has(keyId)) this.#noted.set(keyId, this.#clock.now());
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
    const { signal } = this.#stopping;
    let isFailing = false;
    // Read before the last report is made up: what was noted while one was on its way is not in that one.
    for (let isLast = false; !isLast;) {
      await this.#clock.wait(this.#everyMs * (0.9 + 0.2 * this.#random()), signal);
      isLast = signal.aborted;
      try {
        await this.#report();
        isFailing = false;
      } catch (err) {
        if (!isFailing)
          this.#logger.warn({ err, msg: 'the last uses of keys cannot be reported: tried again' });
        isFailing = true;
      }
    }
  }

  /** In as many messages as it takes. What nobody has taken is noted again. */
  async #report(): Promise<void> {
    const noted = [...this.#noted];
    this.#noted = new Map();
    for (let i = 0; i < noted.length; i += USED_LIMIT) {
      try {
        await this.#reporter.report(this.#agesOf(noted.slice(i, i + USED_LIMIT)));
      } catch (err) {
        this.#noteAgain(noted.slice(i));
        throw err;
      }
    }
  }

  #agesOf(noted: Noted): Uses {
    const now = this.#clock.now();
    return Object.fromEntries(noted.map(([keyId, at]) => [keyId, Math.round(now - at)]));
  }

  /** What was used since has a later time already. */
  #noteAgain(noted: Noted): void {
    for (const [keyId, at] of noted) {
      if (this.#noted.size < MOST && !this.#noted.has(keyId)) this.#noted.set(keyId, at);
    }
  }
}
