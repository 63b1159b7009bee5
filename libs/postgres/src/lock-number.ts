/** Large, so that another program in the same database is unlikely to use it. */
const FIRST = 7_104_210_119;

/**
 * The purposes of advisory locks, in databases that keys, the dashboard and `npm start` may share. A lock's number follows
 * from its place in this list, so add new ones at the end, and leave a gap for one that is no longer used: replicas of two
 * versions run side by side during an upgrade.
 */
const LOCKS = [
  'keys: migrations',
  'keys: who serves the database',
  'dashboard: tables',
  'none',
  'keys: partitions of activity',
  'npm start: data folder',
  'keys: announcements of expiries',
  'keys: announcements of unused keys',
] as const;

/** The number of an advisory lock of PostgreSQL, unique to that lock. */
export function lockNumber(lock: Exclude<(typeof LOCKS)[number], 'none'>): number {
  return FIRST + LOCKS.indexOf(lock);
}
