import { USED_LIMIT, type Uses } from '#libs/keys-client';
import type { Clock } from '#libs/revocations';
import { type Noted, Reports } from './reports.js';

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
  readonly #reports: Reports<number>;
  readonly #clock: Clock;

  constructor(parts: { reporter: UseReporter; clock: Clock; everyMs: number; random?: () => number }) {
    const { reporter, clock, everyMs, random } = parts;
    this.#clock = clock;
    this.#reports = new Reports({
      what: 'the last uses of keys',
      most: 500_000,
      perMessage: USED_LIMIT,
      send: (noted) => reporter.report(this.#agesOf(noted)),
      merge: (_earlier, later) => later,
      clock,
      everyMs,
      random,
    });
  }

  /** Says that a key is let in at this moment. */
  note(keyId: string): void {
    this.#reports.set(keyId, this.#clock.now());
  }

  start(): void {
    this.#reports.start();
  }

  /** Tells what is noted. */
  stop(): Promise<void> {
    return this.#reports.stop();
  }

  #agesOf(noted: Noted<number>): Uses {
    const now = this.#clock.now();
    return Object.fromEntries(noted.map(([keyId, at]) => [keyId, Math.round(now - at)]));
  }
}
