import { retryAfter } from '#libs/problems';
import { ExampleProblem } from '../example-problem.js';
import type { World } from '../world.js';
import { found } from '../found.js';
import type { Desktop } from './desktop.js';

/** A desktop whose agent is ready; otherwise throws a 503 that says what to do, or a 404. */
export function readyDesktop({ desktops }: World, id: string, nowMs: number): Desktop {
  const desktop = found(desktops.get(id), 'desktop');
  const waitMs = desktop.msUntilReady(nowMs);
  if (waitMs === 0) return desktop;
  const reason = 'desktop_not_ready';
  if (waitMs === Infinity)
    throw new ExampleProblem('unavailable', 'This desktop is not running. Start it first.', { reason });
  throw new ExampleProblem('unavailable', 'This desktop is not ready yet. Try again.', {
    headers: retryAfter(waitMs / 1000),
    reason,
  });
}
