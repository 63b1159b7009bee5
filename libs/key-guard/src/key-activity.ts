import { ACTIVITY_LIMIT, type ReportedActivity } from '#libs/keys-client';
import type { Clock } from '#libs/revocations';
import { type Noted, Reports } from './reports.js';

/** How many different things one key may do between two reports before it no longer counts from where. */
const VARIETY = 100;

/** A request of a known key, and what it was answered. */
export interface Made {
  readonly keyId: string;
  /** The method and pattern of the route: `GET /v1/desktops/:id`. */
  readonly route: string;
  readonly status: number;
  /** Where it came from; empty when that is not known. */
  readonly address: string;
}

/** The same request, however often. Moments are on the clock of this process. */
interface Counted extends Made {
  count: number;
  readonly firstAt: number;
  lastAt: number;
}

/** Who is told of activity: a `VerifyClient`. */
export interface ActivityReporter {
  /** Rejects when nobody has taken it. */
  reportActivity(activity: readonly ReportedActivity[]): Promise<void>;
}

/**
 * What each key does, by route, answer and address: so that people see what a leaked key was used for. Requests are
 * counted and not listed. A key that many use, from a place each, is counted without places beyond a hundred: nobody
 * fills the memory of a gateway, or the database, with addresses.
 */
export class KeyActivity {
  readonly #reports: Reports<Counted>;
  readonly #clock: Clock;
  /** How many different things each key has done since the last report. */
  readonly #variety = new Map<string, number>();

  constructor(parts: { reporter: ActivityReporter; clock: Clock; everyMs: number; random?: () => number }) {
    const { reporter, clock, everyMs, random } = parts;
    this.#clock = clock;
    this.#reports = new Reports({
      what: 'the activity of keys',
      most: 100_000,
      perMessage: ACTIVITY_LIMIT,
      send: (noted) => {
        this.#variety.clear();
        return reporter.reportActivity(this.#withAges(noted));
      },
      merge: (earlier, later) => ({
        ...later,
        count: earlier.count + later.count,
        firstAt: earlier.firstAt,
      }),
      clock,
      everyMs,
      random,
    });
  }

  /** Says that a request was answered at this moment. */
  note(made: Made): void {
    const name = `${made.keyId} ${made.status} ${made.route} ${made.address}`;
    const counted = this.#reports.get(name);
    if (counted !== undefined) {
      counted.count++;
      counted.lastAt = this.#clock.now();
      return;
    }
    const variety = this.#variety.get(made.keyId) ?? 0;
    if (variety >= VARIETY && made.address !== '') {
      this.note({ ...made, address: '' });
      return;
    }
    this.#variety.set(made.keyId, variety + 1);
    const now = this.#clock.now();
    this.#reports.set(name, { ...made, count: 1, firstAt: now, lastAt: now });
  }

  start(): void {
    this.#reports.start();
  }

  /** Tells what is noted. */
  stop(): Promise<void> {
    return this.#reports.stop();
  }

  #withAges(noted: Noted<Counted>): ReportedActivity[] {
    const now = this.#clock.now();
    return noted.map(([, { keyId, route, status, address, count, firstAt, lastAt }]) => ({
      keyId,
      route,
      status,
      address,
      count,
      firstAgoMs: Math.round(now - firstAt),
      lastAgoMs: Math.round(now - lastAt),
    }));
  }
}
