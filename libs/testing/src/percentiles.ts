/** The distribution of times. */
export class Percentiles {
  readonly #sorted: readonly number[];

  constructor(timesMs: readonly number[]) {
    this.#sorted = [...timesMs].sort((a, b) => a - b);
  }

  /** The time that the share `share` of them, from 0 to 1, does not exceed: the nearest rank. */
  at(share: number): number {
    return this.#sorted[Math.max(Math.ceil(share * this.#sorted.length) - 1, 0)] ?? NaN;
  }
}
