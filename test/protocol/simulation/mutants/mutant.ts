import type { Variant } from '../variant.js';

/** A removed rule, and the maximum number of schedules until the promise is broken. */
export interface Mutant {
  readonly without: string;
  /** The seed of the first schedule to try, where those that show it are rare: it saves time alone. Default: 1. */
  readonly first?: number;
  readonly within: number;
  /** Created for each schedule, since it may have state. */
  readonly variant: () => Variant;
}
