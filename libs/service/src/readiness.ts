/** How old a result may be, in milliseconds. */
const MAX_AGE_MS = 1000;

/**
 * Whether a service can do its work, computed at most once a second: `/readyz` is public, and computing it costs a database
 * statement or a request to another service.
 */
export class Readiness {
  readonly #compute: () => Promise<string | undefined>;
  readonly #warnings: () => readonly string[];
  readonly #now: () => number;
  #result: Promise<string | undefined> | undefined;
  #computedAt = -Infinity;

  /**
   * `compute` returns undefined if the service is ready, otherwise a few public words on what is missing. `warnings`:
   * public sentences on what is wrong although it is ready, such as in its setup, which all instances have in common.
   * `now`: milliseconds of a clock that never jumps. Default: the process's monotonic clock.
   */
  constructor(
    compute: () => Promise<string | undefined>,
    {
      warnings = () => [],
      now = () => performance.now(),
    }: { warnings?: () => readonly string[]; now?: () => number } = {},
  ) {
    this.#compute = compute;
    this.#warnings = warnings;
    this.#now = now;
  }

  /** What is wrong although the service may be ready. */
  get warnings(): readonly string[] {
    return this.#warnings();
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
