import type { Variant } from '../variant.js';

/** A rule taken away, and how many schedules it takes at most to see the promise broken. */
export interface Mutant {
  readonly without: string;
  readonly within: number;
  /** Created for each schedule: it may have state. */
  readonly variant: () => Variant;
}
