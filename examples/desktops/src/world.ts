import { createHash } from 'node:crypto';
import { Desktop, desktopTierOf } from './desktops/desktop.js';
import type { Note } from './kb/note.js';
import { firstNotes } from './kb/first-notes.js';
import type { Schedule } from './schedules/schedule.js';

/** What belongs to one owner. */
export interface World {
  readonly ownerId: string;
  readonly desktops: ReadonlyMap<string, Desktop>;
  readonly schedules: Map<string, Schedule>;
  readonly notes: readonly Note[];
}

/** The creation time of an owner's initial things. */
const FIRST_DAY = Date.UTC(2026, 0, 5, 9);

/** An owner's initial things: always the same for the same owner, and with IDs that no other owner's have. */
export function newWorld(ownerId: string, tier: string): World {
  const facts = { tier: desktopTierOf(tier), createdAtMs: FIRST_DAY };
  const research = new Desktop(
    { ...facts, id: idOf('desktop', ownerId, 1), name: 'Research', ipAddress: '192.0.2.10' },
    'running',
  );
  const builds = new Desktop(
    { ...facts, id: idOf('desktop', ownerId, 2), name: 'Builds', ipAddress: '192.0.2.11' },
    'stopped',
  );
  const report: Schedule = {
    id: idOf('schedule', ownerId, 1),
    name: 'Morning report',
    cron: '0 8 * * 1-5',
    timeZone: 'Europe/Paris',
    desktopId: research.id,
    prompt: 'Summarise what has changed since yesterday.',
    paused: false,
    createdAtMs: FIRST_DAY,
    lastRunAtMs: null,
  };
  return {
    ownerId,
    desktops: new Map([research, builds].map((desktop) => [desktop.id, desktop])),
    schedules: new Map([[report.id, report]]),
    notes: firstNotes(FIRST_DAY),
  };
}

/** A fixed ID for the owner's thing of that number. */
export function idOf(kind: 'desktop' | 'schedule', ownerId: string, number: number): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([kind, ownerId, number]))
    .digest('hex');
  return `${kind === 'desktop' ? 'dsk' : 'sch'}_${digest.slice(0, 16)}`;
}
