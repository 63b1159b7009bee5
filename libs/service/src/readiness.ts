/** How old a result may be, in milliseconds. */
const MAX_AGE_MS = 1000;

/**
 * Whether a service can do its work, computed at most once a second: `/readyz` is public, and computing it costs a database
 * statement or a request to another service.
 */
export class Readiness {
  readonly #compute: () => Promise<string | undefined>;
  readonly #now: () => number;
  #result: Promise<string | undefined> | undefined;
  #computedAt = -Infinity;

  /**
   * `compute` returns undefined if the service is ready, otherwise a few public words on what is missing. `now`:
   * milliseconds of a clock that never jumps. Default: the process's monotonic clock.
   */
  constructor(compute: () => Promise<string | undefined>, now: () => number = () => performance.now()) {
    this.#compute = compute;
    this.#now = now;
  }

  /** What is missing, in a few public words; undefined if the service is ready. At most a second old. */
  missing(): Promise<string | undefined> {
    const now = this.#now();
    if (this.#result === undefined || now - this.#computedAt >= MAX_AGE_MS) {
      this.#computedAt = now;
      this.#result = this.#compute();
    }
    return this.#result;
  }
}
