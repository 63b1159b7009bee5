/** How many counts are kept before those that have come down to zero are removed, at least. */
const SWEEP_FROM = 1000;

/** The requests of one key, or of one owner, that are open at this moment. */
export interface OpenCount {
  open: number;
}

/**
 * Counts the open requests of each key, or of each owner, in this process, streams included. None of them must use up
 * what all share: connections to the services behind, and memory.
 *
 * Counts of zero stay for a while: a table whose entries come and go with every request would be rebuilt again and again.
 */
export class ConcurrentRequests {
  readonly #counts = new Map<string, OpenCount>();
  #sweepAt = SWEEP_FROM;

  /** `max`: how many of one there may be. */
  constructor(readonly max: number) {}

  /** Counts a request until {@link end}; undefined when there are as many as there may be. */
  begin(id: string): OpenCount | undefined {
    const count = this.#counts.get(id) ?? this.#add(id);
    if (count.open >= this.max) return undefined;
    count.open++;
    return count;
  }

  /** A request that was counted is over. */
  end(count: OpenCount): void {
    count.open--;
  }

  /** How many keys or owners are known at this moment. */
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
