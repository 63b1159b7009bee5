/** The task was refused: too many are waiting. */
export interface QueueFull {
  readonly outcome: 'queue_full';
}

const QUEUE_FULL: QueueFull = { outcome: 'queue_full' };

/** The outcome of a task. */
export type TaskResult<Result> = { readonly outcome: 'done'; readonly result: Result } | QueueFull;

/** How many tasks may run at the same time, and how many may wait. */
export interface Capacity {
  readonly running: number;
  readonly waiting: number;
}

interface WaitingTask {
  readonly start: () => void;
  readonly refuse: () => void;
}

/**
 * Runs a few tasks at a time, those of different owners in turn, so that one owner with many tasks does not make the
 * others wait or be refused: an owner with fewer waiting tasks displaces one of the owner with the most (max-min
 * fairness; Bertsekas and Gallager, Data Networks, section 6.5.2).
 */
export class FairQueue {
  readonly #capacity: Capacity;
  /** By owner, in the order of their turns. */
  readonly #waiting = new Map<string, WaitingTask[]>();
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

  /** Runs the task when its turn comes, or refuses it. Rejects if the task rejects. */
  async run<Result>(owner: string, task: () => Promise<Result>): Promise<TaskResult<Result>> {
    if (this.#running < this.#capacity.running) this.#running++;
    else if (!(await this.#hasTurn(owner))) return QUEUE_FULL;
    this.started++;
    try {
      return { outcome: 'done', result: await task() };
    } finally {
      this.#passOn();
    }
  }

  /** Resolves with true when the task may run, in the place of one that has ended, and with false if it is refused. */
  #hasTurn(owner: string): Promise<boolean> {
    return new Promise((resolve) => {
      const refuse = (): void => {
        this.refused++;
        resolve(false);
      };
      if (this.#waitingCount >= this.#capacity.waiting && !this.#makeRoomFor(owner)) {
        refuse();
        return;
      }
      const own = this.#waiting.get(owner) ?? [];
      this.#waiting.set(owner, own);
      own.push({ start: () => resolve(true), refuse });
      this.#waitingCount++;
    });
  }

  /** Refuses the latest task of the owner with the most waiting tasks, if `owner` would still have fewer. */
  #makeRoomFor(owner: string): boolean {
    const own = this.#waiting.get(owner)?.length ?? 0;
    let most: WaitingTask[] = [];
    for (const waiting of this.#waiting.values()) if (waiting.length > most.length) most = waiting;
    if (own + 1 >= most.length) return false;
    this.#waitingCount--;
    most.pop()?.refuse();
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
