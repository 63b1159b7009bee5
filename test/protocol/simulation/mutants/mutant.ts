import type { Variant } from '../variant.js';

/** A removed rule, and the maximum number of schedules until the promise is broken. */
export interface Mutant {
  readonly without: string;
  readonly within: number;
  /** Created for each schedule, since it may have state. */
  readonly variant: () => Variant;
}
