import { MAX_ACTIVITY, type ReportedActivity } from '#libs/keys-contract';
import type { Clock } from '#libs/clock';
import type { Log } from '../log.js';
import { Reports } from './reports.js';

/** The maximum number of entries between two reports. Further ones are lost. */
const MAX_ENTRIES = 100_000;

/** The maximum number of entries of one key before further ones are recorded without their address. */
const MAX_PER_KEY = 100;

/** A request of a known key, and the status of its response. */
export interface Made {
  readonly keyId: string;
  /** The method and pattern of the route: `GET /v1/desktops/:id`. */
  readonly route: string;
  readonly status: number;
  /** Where it came from; empty if unknown. */
  readonly address: string;
}

/** Equal requests. Times are on this process's clock. */
interface Counted extends Made {
  count: number;
  firstAt: number;
  lastAt: number;
}

/** Sends reports: a `VerifyClient`. */
export interface ActivityReporter {
  /** Rejects if the report was not accepted. */
  reportActivity(activity: readonly ReportedActivity[]): Promise<void>;
}

/**
 * What each key is used for, by route, status and address, so that people see what a leaked key was used for. Requests
 * are counted, not listed. Beyond a hundred entries, a key's requests are counted without addresses, so that a key used
 * from many places cannot fill the memory of a gateway, or the database.
 */
export class KeyActivity {
  readonly #reports: Reports<Counted>;
  readonly #clock: Clock;
  /** The entries of each key since the last report: few, so they are searched one by one. */
  #done = new Map<string, Counted[]>();
  #size = 0;

  constructor(parts: {
    reporter: ActivityReporter;
    clock: Clock;
    log: Log;
    everyMs: number;
    random?: () => number;
  }) {
    const { reporter, clock, log, everyMs, random } = parts;
    this.#clock = clock;
    this.#reports = new Reports<Counted>({
      what: 'the activity of keys',
      perMessage: MAX_ACTIVITY,
      take: () => this.#take(),
      send: (activity) => reporter.reportActivity(this.#withAges(activity)),
      putBack: (activity) => {
        for (const counted of activity) this.#putBack(counted);
      },
      clock,
      log,
      everyMs,
      random,
    });
  }

  /** Records a request whose response was just sent. */
  note(made: Made): void {
    const now = this.#clock.now();
    const counted = this.#find(made);
    if (counted !== undefined) {
      counted.count++;
      counted.lastAt = now;
    } else if (made.address !== '' && (this.#done.get(made.keyId)?.length ?? 0) >= MAX_PER_KEY) {
      this.note({ ...made, address: '' });
    } else {
      // Not a spread, since there are many: V8's object for one takes twice the memory.
      const { keyId, route, status, address } = made;
      this.#add({ keyId, route, status, address, count: 1, firstAt: now, lastAt: now });
    }
  }

  start(): void {
    this.#reports.start();
  }

  /** How many entries were dropped because keys refused the report. */
  get dropped(): number {
    return this.#reports.dropped;
  }

  /** Reports what is left. */
  stop(): Promise<void> {
    return this.#reports.stop();
  }

  #find({ keyId, route, status, address }: Made): Counted | undefined {
    return this.#done
      .get(keyId)
      ?.find((done) => done.status === status && done.route === route && done.address === address);
  }

  #add(counted: Counted): void {
    if (this.#size >= MAX_ENTRIES) return;
    this.#size++;
    const done = this.#done.get(counted.keyId);
    if (done === undefined) this.#done.set(counted.keyId, [counted]);
    else done.push(counted);
  }

  #take(): readonly Counted[] {
    const done = this.#done;
    this.#done = new Map();
    this.#size = 0;
    return [...done.values()].flat();
  }

  #putBack(earlier: Counted): void {
    const later = this.#find(earlier);
    if (later === undefined) {
      this.#add(earlier);
      return;
    }
    later.count += earlier.count;
    later.firstAt = earlier.firstAt;
  }

  #withAges(activity: readonly Counted[]): ReportedActivity[] {
    const now = this.#clock.now();
    return activity.map(({ firstAt, lastAt, ...counted }) => ({
      ...counted,
      firstAgoMs: Math.round(now - firstAt),
      lastAgoMs: Math.round(now - lastAt),
    }));
  }
}
