/** Large, so that another program in the same database is unlikely to use it. */
const FIRST = 7_104_210_119;

/**
 * What advisory locks are taken for, in databases that keys, the dashboard and `npm start` may share. Each has the number
 * of its place, so add new ones at the end, and leave the place of one that is no longer used: replicas of two versions
 * run side by side during an upgrade.
 */
const LOCKS = [
  'keys: migrations',
  'keys: who serves the database',
  'dashboard: tables',
  'none',
  'keys: partitions of activity',
  'npm start: data folder',
] as const;

/** The number of an advisory lock of PostgreSQL: no two locks have the same. */
export function lockNumber(lock: Exclude<(typeof LOCKS)[number], 'none'>): number {
  return FIRST + LOCKS.indexOf(lock);
}
