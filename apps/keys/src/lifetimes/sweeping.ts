import type { DataSource, EntityManager } from 'typeorm';
import { z } from 'zod';
import type { WallClock } from '../database/wall-clock.js';

export const DAY_MS = 86_400_000;

const locked = z.tuple([z.object({ locked: z.boolean() })]);
const ids = z.array(z.object({ id: z.string() }));
const moment = z.tuple([z.object({ now: z.date() })]);

/**
 * Whether this transaction may announce. If not, another replica does it at the moment, and will do all of it: waiting for it
 * would only hold a connection.
 */
export async function takeTurn(manager: EntityManager, lock: number): Promise<boolean> {
  const found: unknown = await manager.query('SELECT pg_try_advisory_xact_lock($1) AS locked', [lock]);
  return locked.parse(found)[0].locked;
}

/** The moment by which it is decided what is due. */
export async function momentOf(database: DataSource, clock: WallClock): Promise<Date> {
  return clock() ?? moment.parse(await database.query('SELECT now() AS now'))[0].now;
}

/**
 * Those of the keys that are neither revoked nor paused. They stay so until the transaction ends, and what is sent about
 * them is in order with what others send about them.
 */
export async function lockUsable(
  manager: EntityManager,
  uuids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (uuids.length === 0) return new Set();
  const found: unknown = await manager.query(
    `SELECT id FROM api_keys WHERE id = ANY ($1) AND revoked_at IS NULL AND paused_at IS NULL
      ORDER BY id FOR NO KEY UPDATE`,
    [uuids],
  );
  return new Set(ids.parse(found).map(({ id }) => id));
}
