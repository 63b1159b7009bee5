import type { Variant } from '../variant.js';

/** A rule taken away, and how many schedules it takes at most to see the promise broken. */
export interface Mutant {
  readonly without: string;
  readonly within: number;
  /** Made anew for each schedule: it may remember. */
  readonly variant: () => Variant;
}
