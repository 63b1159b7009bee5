import bcrypt from 'bcrypt';
import pLimit from 'p-limit';

/** Says that too many bcrypt runs are waiting already. */
export class TooBusy extends Error {
  override readonly name = 'TooBusy';
}

/** What bcrypt is run for. */
export const BCRYPT_WORK = ['hash', 'compare'] as const;
export type BcryptWork = (typeof BCRYPT_WORK)[number];

/** The runs of one kind: at this moment, and since the process was started. */
export interface BcryptLane {
  readonly running: number;
  readonly waiting: number;
  /** How many were started. */
  readonly started: number;
  /** How many were refused, too many waiting already. */
  readonly refused: number;
}

interface Lane {
  readonly limit: ReturnType<typeof pLimit>;
  started: number;
  refused: number;
}

/**
 * bcrypt, a few runs at a time. Each run takes a thread and a core for a long while, so how many run and how many wait
 * is bounded: beyond that, {@link TooBusy} is thrown at once. Hashing and comparing have a lane each, so that many keys
 * being made do not keep those from being let in that exist.
 *
 * Only the 32-character secret of a key goes in, never the whole key: bcrypt reads no further than 72 bytes.
 */
export class SecretHasher {
  readonly #cost: number;
  readonly #lanes: Readonly<Record<BcryptWork, Lane>>;
  /** How many runs of each kind may run, and how many may wait. */
  readonly capacity: { readonly running: number; readonly waiting: number };

  constructor({ cost, concurrency, queue }: { cost: number; concurrency: number; queue: number }) {
    this.#cost = cost;
    this.capacity = { running: concurrency, waiting: queue };
    const lane = (): Lane => ({ limit: pLimit(concurrency), started: 0, refused: 0 });
    this.#lanes = { hash: lane(), compare: lane() };
  }

  /** How many comparisons have been started so far. Verdicts are there to keep it from growing with requests. */
  get comparisons(): number {
    return this.#lanes.compare.started;
  }

  /** How it stands with the runs of one kind. */
  lane(work: BcryptWork): BcryptLane {
    const { limit, started, refused } = this.#lanes[work];
    return { running: limit.activeCount, waiting: limit.pendingCount, started, refused };
  }

  hash(secret: string): Promise<string> {
    return this.#run('hash', () => bcrypt.hash(secret, this.#cost));
  }

  compare(secret: string, hash: string): Promise<boolean> {
    return this.#run('compare', () => bcrypt.compare(secret, hash));
  }

  async #run<Result>(work: BcryptWork, run: () => Promise<Result>): Promise<Result> {
    const lane = this.#lanes[work];
    const { running, waiting } = this.capacity;
    if (lane.limit.activeCount >= running && lane.limit.pendingCount >= waiting) {
      lane.refused++;
      throw new TooBusy('too many bcrypt runs are waiting');
    }
    return lane.limit(() => {
      lane.started++;
      return run();
    });
  }
}
