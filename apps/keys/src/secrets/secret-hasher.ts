import bcrypt from 'bcrypt';
import pLimit from 'p-limit';

/** Says that too many bcrypt runs are waiting already. */
export class TooBusy extends Error {
  override readonly name = 'TooBusy';
}

/**
 * bcrypt, a few runs at a time. Each run takes a thread and a core for a long while, so how many run and how many wait
 * is bounded: beyond that, {@link TooBusy} is thrown at once.
 *
 * Only the 32-character secret of a key goes in, never the whole key: bcrypt reads no further than 72 bytes.
 */
export class SecretHasher {
  readonly #cost: number;
  readonly #queue: number;
  readonly #limit: ReturnType<typeof pLimit>;

  constructor({ cost, concurrency, queue }: { cost: number; concurrency: number; queue: number }) {
    this.#cost = cost;
    this.#queue = queue;
    this.#limit = pLimit(concurrency);
  }

  hash(secret: string): Promise<string> {
    return this.#run(() => bcrypt.hash(secret, this.#cost));
  }

  compare(secret: string, hash: string): Promise<boolean> {
    return this.#run(() => bcrypt.compare(secret, hash));
  }

  async #run<Result>(work: () => Promise<Result>): Promise<Result> {
    const isFull =
      this.#limit.activeCount >= this.#limit.concurrency && this.#limit.pendingCount >= this.#queue;
    if (isFull) throw new TooBusy('too many bcrypt runs are waiting');
    return this.#limit(work);
  }
}
