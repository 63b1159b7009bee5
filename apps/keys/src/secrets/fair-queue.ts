/** Says that too much is waiting already. */
export class QueueFull extends Error {
  override readonly name = 'QueueFull';
}

/** How much may run at the same time, and how much may wait. */
export interface Capacity {
  readonly running: number;
  readonly waiting: number;
}

interface Waiting {
  readonly start: () => void;
  readonly reject: (err: QueueFull) => void;
}

/**
 * Runs a few tasks at a time, those of different owners in turn, so that one owner with many tasks does not make the
 * others wait or be refused: an owner with fewer tasks waiting takes a place of the one with most (max-min fairness; Bertsekas
 * and Gallager, Data Networks, section 6.5.2).
 */
export class FairQueue {
  readonly #capacity: Capacity;
  /** By owner, whose turn it is first. */
  readonly #waiting = new Map<string, Waiting[]>();
  #running = 0;
  #waitingCount = 0;
  /** How many tasks were started, and how many refused, so far. */
  started = 0;
  refused = 0;

  constructor(capacity: Capacity) {
    this.#capacity = capacity;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waitingCount;
  }

  /** What the task resolves with, once it has had its turn. Rejects with {@link QueueFull} if it gets none. */
  async run<Result>(owner: string, task: () => Promise<Result>): Promise<Result> {
    if (this.#running >= this.#capacity.running) await this.#wait(owner);
    else this.#running++;
    this.started++;
    try {
      return await task();
    } finally {
      this.#passOn();
    }
  }

  /** Resolves when the task may run, in the place of one that has ended. */
  #wait(owner: string): Promise<void> {
    return new Promise((start, reject) => {
      if (this.#waitingCount >= this.#capacity.waiting && !this.#makeRoomFor(owner)) {
        this.refused++;
        reject(new QueueFull('too many tasks are waiting'));
        return;
      }
      const own = this.#waiting.get(owner) ?? [];
      this.#waiting.set(owner, own);
      own.push({ start, reject });
      this.#waitingCount++;
    });
  }

  /** Refuses the latest task of the owner with most waiting, if that is more than `owner` would have then. */
  #makeRoomFor(owner: string): boolean {
    const own = this.#waiting.get(owner)?.length ?? 0;
    let most: Waiting[] = [];
    for (const waiting of this.#waiting.values()) if (waiting.length > most.length) most = waiting;
    if (own + 1 >= most.length) return false;
    this.#waitingCount--;
    this.refused++;
    most.pop()?.reject(new QueueFull('others have fewer tasks waiting'));
    return true;
  }

  /** Gives the place of a task that has ended to the next one. */
  #passOn(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#running--;
      return;
    }
    const [owner, [first, ...rest]] = next;
    this.#waiting.delete(owner);
    if (rest.length > 0) this.#waiting.set(owner, rest);
    this.#waitingCount--;
    first?.start();
  }
}
