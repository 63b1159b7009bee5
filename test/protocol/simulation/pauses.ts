import { Random } from './random.js';

/** Whether a key is paused by each call, in their order. */
const COURSES: readonly (readonly boolean[])[] = [
  [true],
  [true, false],
  [true, false, true],
  [true, false, true, false],
];

/**
 * The pauses of a key in a schedule: mostly none, since a pause hides what else happens to a key. They are drawn from a
 * sequence of their own, so that the schedules without them are those from before there were pauses.
 */
export function drawPauses(seed: number, keyNumber: number): readonly boolean[] {
  const random = new Random(seed * 31 + keyNumber + 7_000_000);
  return random.chance(0.05) ? random.pick(COURSES) : [];
}
