import type { OwnerFacts } from './postgres-model.js';
import type { Random } from './random.js';

/** What is asked for in one call: a suspension, its end, or another role. */
export type OwnerChange = Partial<OwnerFacts>;

const SUSPEND: OwnerChange = { suspended: true };
const RESUME: OwnerChange = { suspended: false };
const PROMOTE: OwnerChange = { role: 'admin' };
const DEMOTE: OwnerChange = { role: 'user' };

/** What owners go through, one change after the other. */
const COURSES: readonly (readonly OwnerChange[])[] = [
  [SUSPEND],
  [SUSPEND, RESUME],
  [SUSPEND, RESUME, SUSPEND],
  [SUSPEND, PROMOTE, RESUME],
  [PROMOTE],
  [PROMOTE, DEMOTE],
  [PROMOTE, SUSPEND],
];

/** What an owner goes through in a schedule: mostly nothing, as a suspension hides what becomes of a key. */
export function drawOwnerChanges(random: Random): readonly OwnerChange[] {
  return random.chance(0.2) ? random.pick(COURSES) : [];
}
