import type { Clock } from '#libs/clock';

/** A clock that the test moves. */
export class VirtualClock implements Clock {
  #now = 0;
  readonly #waiting = new Set<{ readonly until: number; readonly end: () => void }>();

  now(): number {
    return this.#now;
  }

  wait(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.#waiting.delete(entry);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const entry = { until: this.#now + ms, end };
      this.#waiting.add(entry);
      if (signal?.aborted === true) end();
      else signal?.addEventListener('abort', end);
    });
  }

  /** Passes to the next moment that something waits for, and returns it. */
  async next(): Promise<number> {
    await settle();
    this.#now = Math.min(...[...this.#waiting].map(({ until }) => until));
    for (const entry of [...this.#waiting]) if (entry.until <= this.#now) entry.end();
    await settle();
    return this.#now;
  }

  /** Passes until nothing waits any more, and returns that moment. */
  async runOut(): Promise<number> {
    await settle();
    while (this.#waiting.size > 0) await this.next();
    return this.#now;
  }
}

/** Lets pending promises run. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
