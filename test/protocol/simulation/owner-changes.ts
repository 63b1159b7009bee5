import type { OwnerFacts } from './postgres-model.js';
import type { Random } from './random.js';

/** The change in one call: a suspension, its end, or another role. */
export type OwnerChange = Partial<OwnerFacts>;

const SUSPEND: OwnerChange = { suspended: true };
const RESUME: OwnerChange = { suspended: false };
const PROMOTE: OwnerChange = { role: 'admin' };
const DEMOTE: OwnerChange = { role: 'user' };

/** Sequences of changes of an owner. */
const COURSES: readonly (readonly OwnerChange[])[] = [
  [SUSPEND],
  [SUSPEND, RESUME],
  [SUSPEND, RESUME, SUSPEND],
  [SUSPEND, PROMOTE, RESUME],
  [PROMOTE],
  [PROMOTE, DEMOTE],
  [PROMOTE, SUSPEND],
];

/** The changes of an owner in a schedule: mostly none, since a suspension hides the state of a key. */
export function drawOwnerChanges(random: Random): readonly OwnerChange[] {
  return random.chance(0.2) ? random.pick(COURSES) : [];
}
