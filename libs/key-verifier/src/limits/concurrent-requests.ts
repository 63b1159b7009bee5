/** The minimum number of counts before those of zero are removed. */
const SWEEP_FROM = 1000;

/** The open requests of one key, or of one owner. */
export interface OpenCount {
  open: number;
}

/**
 * Counts the open requests of each key, or of each owner, in this process, streams included. None of them may use up what
 * all share: connections to the services behind, and memory.
 *
 * Counts of zero stay for a while: a table whose entries come and go with every request would be rebuilt repeatedly.
 */
export class ConcurrentRequests {
  readonly #counts = new Map<string, OpenCount>();
  #sweepAt = SWEEP_FROM;

  /** `max`: of one key or owner. */
  constructor(readonly max: number) {}

  /** Counts a request until {@link end}; undefined if the maximum is reached. */
  begin(id: string): OpenCount | undefined {
    const count = this.#counts.get(id) ?? this.#add(id);
    if (count.open >= this.max) return undefined;
    count.open++;
    return count;
  }

  /** A counted request is over. */
  end(count: OpenCount): void {
    count.open--;
  }

  /** How many keys or owners are in the table. */
  get size(): number {
    return this.#counts.size;
  }

  #add(id: string): OpenCount {
    if (this.#counts.size >= this.#sweepAt) {
      for (const [other, { open }] of this.#counts) if (open === 0) this.#counts.delete(other);
      this.#sweepAt = Math.max(SWEEP_FROM, 2 * this.#counts.size);
    }
    const count = { open: 0 };
    this.#counts.set(id, count);
    return count;
  }
}
