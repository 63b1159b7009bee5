import { MAX_USES, type Uses } from '#libs/keys-contract';
import type { Clock } from '#libs/clock';
import type { Log } from '../log.js';
import { Reports } from './reports.js';

/** The maximum number of keys between two reports. The uses of further ones are lost. */
const MAX_KEYS = 500_000;

/** A key, and when it was last accepted. */
type Use = readonly [keyId: string, at: number];

/** Sends reports: a `VerifyClient`. */
export interface UseReporter {
  /** Rejects if the report was not accepted. */
  report(uses: Uses): Promise<void>;
}

/**
 * Which keys are used, and when last, on this process's clock. With reports every 20 seconds or less, `last_used_at` is at
 * most 60 seconds late, even if one report has failed with all of its retries.
 */
export class UsedKeys {
  readonly #reports: Reports<Use>;
  readonly #clock: Clock;
  #usedAt = new Map<string, number>();

  constructor(parts: {
    reporter: UseReporter;
    clock: Clock;
    log: Log;
    everyMs: number;
    random?: () => number;
  }) {
    const { reporter, clock, log, everyMs, random } = parts;
    this.#clock = clock;
    this.#reports = new Reports<Use>({
      what: 'the last uses of keys',
      perMessage: MAX_USES,
      take: () => {
        const uses = [...this.#usedAt];
        this.#usedAt = new Map();
        return uses;
      },
      send: (uses) => reporter.report(this.#agesOf(uses)),
      putBack: (uses) => {
        for (const [keyId, at] of uses) if (!this.#usedAt.has(keyId)) this.#set(keyId, at);
      },
      clock,
      log,
      everyMs,
      random,
    });
  }

  /** Records that a key was just accepted. */
  note(keyId: string): void {
    this.#set(keyId, this.#clock.now());
  }

  start(): void {
    this.#reports.start();
  }

  /** How many uses were dropped because keys refused the report. */
  get dropped(): number {
    return this.#reports.dropped;
  }

  /** Reports what is left. */
  stop(): Promise<void> {
    return this.#reports.stop();
  }

  #set(keyId: string, at: number): void {
    if (this.#usedAt.size < MAX_KEYS || this.#usedAt.has(keyId)) this.#usedAt.set(keyId, at);
  }

  #agesOf(uses: readonly Use[]): Uses {
    const now = this.#clock.now();
    return Object.fromEntries(uses.map(([keyId, at]) => [keyId, Math.round(now - at)]));
  }
}
