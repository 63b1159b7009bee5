import bcrypt from 'bcrypt';
import pLimit from 'p-limit';

/** Says that too many bcrypt runs are waiting already. */
export class TooBusy extends Error {
  override readonly name = 'TooBusy';
}

type Lane = ReturnType<typeof pLimit>;

/**
 * bcrypt, a few runs at a time. Each run takes a thread and a core for a long while, so how many run and how many wait
 * is bounded: beyond that, {@link TooBusy} is thrown at once. Hashing and comparing have a lane each, so that many keys
 * being made do not keep those from being let in that exist.
 *
 * Only the 32-character secret of a key goes in, never the whole key: bcrypt reads no further than 72 bytes.
 */
export class SecretHasher {
  readonly #cost: number;
  readonly #queue: number;
  readonly #hashing: Lane;
  readonly #comparing: Lane;
  #comparisons = 0;

  constructor({ cost, concurrency, queue }: { cost: number; concurrency: number; queue: number }) {
    this.#cost = cost;
    this.#queue = queue;
    this.#hashing = pLimit(concurrency);
    this.#comparing = pLimit(concurrency);
  }

  /** How many comparisons have been started so far. Verdicts are there to keep it from growing with requests. */
  get comparisons(): number {
    return this.#comparisons;
  }

  hash(secret: string): Promise<string> {
    return this.#run(this.#hashing, () => bcrypt.hash(secret, this.#cost));
  }

  compare(secret: string, hash: string): Promise<boolean> {
    return this.#run(this.#comparing, () => {
      this.#comparisons++;
      return bcrypt.compare(secret, hash);
    });
  }

  async #run<Result>(lane: Lane, work: () => Promise<Result>): Promise<Result> {
    const isFull = lane.activeCount >= lane.concurrency && lane.pendingCount >= this.#queue;
    if (isFull) throw new TooBusy('too many bcrypt runs are waiting');
    return lane(work);
  }
}
