import { type WindowCount, WINDOW_SECONDS } from './rate-limits.js';

/**
 * Counts events by name, in this process's memory: a window begins with the first event of a name. It holds at most `size`
 * windows; beyond that the oldest is forgotten early.
 */
export class FixedWindowCounter {
  /** In the order in which they began and, since all are equally long, end. */
  readonly #windows = new Map<string, { count: number; readonly endsAt: number }>();
  readonly #size: number;
  readonly #windowMs: number;
  readonly #now: () => number;

  /** `now`: milliseconds of a clock that never jumps. Default: the process's monotonic clock. */
  constructor({
    size,
    windowSeconds = WINDOW_SECONDS,
    now = () => performance.now(),
  }: {
    size: number;
    windowSeconds?: number | undefined;
    now?: (() => number) | undefined;
  }) {
    this.#size = size;
    this.#windowMs = windowSeconds * 1000;
    this.#now = now;
  }

  /** Whether nothing is counted. */
  get isEmpty(): boolean {
    return this.#windows.size === 0;
  }

  /** Counts an event. */
  add(name: string): WindowCount {
    const now = this.#now();
    const open = this.#windows.get(name);
    if (open !== undefined && now < open.endsAt) return { count: ++open.count, endsInMs: open.endsAt - now };
    this.#forget(now);
    const endsInMs = this.#windowMs;
    this.#windows.set(name, { count: 1, endsAt: now + endsInMs });
    return { count: 1, endsInMs };
  }

  /** The count so far, if the window is not over. */
  get(name: string): WindowCount | undefined {
    const now = this.#now();
    const open = this.#windows.get(name);
    if (open === undefined || now >= open.endsAt) return undefined;
    return { count: open.count, endsInMs: open.endsAt - now };
  }

  /** How many names have a count of at least `count` in a current window. Checks all of them. */
  countOf(count: number): number {
    const now = this.#now();
    let found = 0;
    for (const open of this.#windows.values()) if (now < open.endsAt && open.count >= count) found++;
    return found;
  }

  /** Forgets windows that are over, and one more if there is no room. */
  #forget(now: number): void {
    for (const [name, { endsAt }] of this.#windows) {
      if (now < endsAt && this.#windows.size < this.#size) return;
      this.#windows.delete(name);
    }
  }
}
