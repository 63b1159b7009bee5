import { USED_LIMIT, type Uses } from '#libs/keys-client';
import type { Clock } from '#libs/clock';
import { Reports } from './reports.js';

/** How many keys are noted at most. Of the use of a further one before the next report, nobody learns. */
const MAX_KEYS = 500_000;

/** A key, and when it was let in last. */
type Use = readonly [keyId: string, at: number];

/** Who is told of uses: a `VerifyClient`. */
export interface UseReporter {
  /** Rejects when nobody has taken them. */
  report(uses: Uses): Promise<void>;
}

/**
 * Which keys are used, and when last, on the clock of this process. With reports every 20 seconds or less,
 * `last_used_at` is at most 60 seconds late, even when one report has failed after all of its tries.
 */
export class UsedKeys {
  readonly #reports: Reports<Use>;
  readonly #clock: Clock;
  #usedAt = new Map<string, number>();

  constructor(parts: { reporter: UseReporter; clock: Clock; everyMs: number; random?: () => number }) {
    const { reporter, clock, everyMs, random } = parts;
    this.#clock = clock;
    this.#reports = new Reports<Use>({
      what: 'the last uses of keys',
      perMessage: USED_LIMIT,
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
      everyMs,
      random,
    });
  }

  /** Says that a key is let in at this moment. */
  note(keyId: string): void {
    this.#set(keyId, this.#clock.now());
  }

  start(): void {
    this.#reports.start();
  }

  /** How many notes keys has refused, and which were dropped for it. */
  get dropped(): number {
    return this.#reports.dropped;
  }

  /** Tells what is noted. */
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
