/** How old an answer may be, in milliseconds. */
const MAX_AGE_MS = 1000;

/**
 * Whether a service can do its work, computed at most once a second: `/readyz` is open to everybody, and its answer costs
 * a statement in a database or a question to another service.
 */
export class Readiness {
  readonly #compute: () => Promise<string | undefined>;
  readonly #now: () => number;
  #result: Promise<string | undefined> | undefined;
  #computedAt = -Infinity;

  /**
   * `compute` answers undefined when the service is ready, else a few public words on what is missing. `now`: milliseconds
   * of a clock that never jumps; by default this process' own.
   */
  constructor(compute: () => Promise<string | undefined>, now: () => number = () => performance.now()) {
    this.#compute = compute;
    this.#now = now;
  }

  /** What is missing, in a few public words; undefined when the service is ready. At most a second old. */
  missing(): Promise<string | undefined> {
    const now = this.#now();
    if (this.#result === undefined || now - this.#computedAt >= MAX_AGE_MS) {
      this.#computedAt = now;
      this.#result = this.#compute();
    }
    return this.#result;
  }
}
