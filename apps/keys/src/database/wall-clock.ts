/**
 * The moment by which schedules are kept, or null for PostgreSQL's own clock, which all replicas share. Tests pass one that
 * they can move.
 */
export type WallClock = () => Date | null;

export const databaseClock: WallClock = () => null;

/** The token by which Nest provides it. */
export const WALL_CLOCK = Symbol('WallClock');
