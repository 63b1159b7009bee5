import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { keyIdFromUuid } from '#libs/key-format';
import { lockNumber } from '#libs/postgres';
import { keysItself } from '../audit/origin.js';
import { recordEvent } from '../audit/record-event.js';
import { WALL_CLOCK, type WallClock } from '../database/wall-clock.js';
import { lockUsable, momentOf, takeTurn } from './sweeping.js';

/** The advisory lock under which one replica at a time announces. */
const LOCK = lockNumber('keys: announcements of unused keys');

/** How many keys one transaction looks at. It locks those that it announces, and a revoke may wait for one. */
const BATCH = 200;

/** How long before a key is revoked that is announced, in days, or a third of the idle time if that is shorter. */
const ANNOUNCED_DAYS = 7;

/**
 * By ID, since no index may have `last_used_at`: PostgreSQL could not update it in place any more. Keys that nobody can use
 * at the moment are left out: they are paused, or their owner is suspended.
 */
const ANNOUNCE = `
  WITH batch AS (
    SELECT k.id, owner_id, last_used_at, coalesce(last_used_at, k.created_at) AS unused_since,
           paused_at IS NULL AND suspended_at IS NULL AND (expires_at IS NULL OR expires_at > $2::timestamptz) AS can_be_used
      FROM api_keys k JOIN owners o ON o.id = owner_id
     WHERE revoked_at IS NULL AND k.id > $1
     ORDER BY k.id LIMIT ${BATCH}
  ), announced AS (
    INSERT INTO key_notices (key_id, kind, about, revoke_at)
    SELECT id, 'unused', unused_since, greatest(unused_since + $3::float8 * interval '24 hours', $2::timestamptz + $4::float8 * interval '24 hours')
      FROM batch
     WHERE can_be_used AND unused_since <= $2::timestamptz - ($3::float8 - $4::float8) * interval '24 hours'
        ON CONFLICT DO NOTHING RETURNING key_id, revoke_at
  )
  SELECT id, owner_id, last_used_at, revoke_at FROM batch LEFT JOIN announced ON key_id = id ORDER BY id`;

const rows = z.array(
  z.object({
    id: z.string(),
    owner_id: z.string(),
    last_used_at: z.date().nullable(),
    /** Null: nothing was announced. */
    revoke_at: z.date().nullable(),
  }),
);

/** Announces which keys will be revoked because nobody uses them, and when. `RevokeUnused` does it. */
@Injectable()
export class AnnounceUnused {
  constructor(
    private readonly database: DataSource,
    @Inject(WALL_CLOCK) private readonly clock: WallClock,
  ) {}

  /** Looks at all keys, and returns how many it has announced. A key is announced again only after another use. */
  async execute(idleDays: number): Promise<number> {
    const now = await momentOf(this.database, this.clock);
    let count = 0;
    let after: string | undefined = '00000000-0000-0000-0000-000000000000';
    while (after !== undefined) {
      const from: string = after;
      const batch = await this.database.transaction((manager) => announce(manager, from, now, idleDays));
      count += batch.announced;
      after = batch.last;
    }
    return count;
  }
}

async function announce(
  manager: EntityManager,
  after: string,
  now: Date,
  idleDays: number,
): Promise<{ readonly announced: number; readonly last: string | undefined }> {
  if (!(await takeTurn(manager, LOCK))) return { announced: 0, last: undefined };
  const announcedDays = Math.min(ANNOUNCED_DAYS, idleDays / 3);
  const found = rows.parse(await manager.query(ANNOUNCE, [after, now, idleDays, announcedDays]));
  const due = found.filter((row) => row.revoke_at !== null);
  const usable = await lockUsable(
    manager,
    due.map(({ id }) => id),
  );
  const announced = due.filter(({ id }) => usable.has(id));
  for (const { id, owner_id: ownerId, last_used_at: lastUsedAt, revoke_at: revokeAt } of announced) {
    await recordEvent(manager, {
      action: 'key.unused',
      origin: keysItself,
      ownerId,
      keyId: keyIdFromUuid(id),
      details: { lastUsedAt, revokeAt },
    });
  }
  return { announced: announced.length, last: found.length < BATCH ? undefined : found.at(-1)?.id };
}
