import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { keyIdFromUuid } from '#libs/key-format';
import { lockNumber } from '#libs/postgres';
import { keysItself } from '../audit/origin.js';
import { recordEvent } from '../audit/record-event.js';
import { WALL_CLOCK, type WallClock } from '../database/wall-clock.js';
import { DAY_MS, lockUsable, momentOf, takeTurn } from './sweeping.js';

/** An announcement that is due from so many days before an expiry, until the next one is, or it is too late. */
interface Stage {
  readonly kind: 'expired' | 'expiring_1' | 'expiring_7' | 'expiring_30';
  readonly days: number;
  readonly untilDays: number;
}

const STAGES: readonly Stage[] = [
  { kind: 'expired', days: 0, untilDays: -7 },
  { kind: 'expiring_1', days: 1, untilDays: 0 },
  { kind: 'expiring_7', days: 7, untilDays: 1 },
  { kind: 'expiring_30', days: 30, untilDays: 7 },
];

/** The advisory lock under which one replica at a time announces. */
const LOCK = lockNumber('keys: announcements of expiries');

/** How many keys one transaction looks at. It locks those that it announces, and a revoke may wait for one. */
const BATCH = 200;

/**
 * Keys by their expiry, after the one at the cursor. An announcement is left out if it was due already when the expiry was
 * set, or within an hour of that: who creates a key for 30 days need not be told at once that it has 30 days left.
 */
const ANNOUNCE = `
  WITH batch AS (
    SELECT id, owner_id, expires_at, last_used_at, paused_at, coalesce(expiry_set_at, created_at) AS set_at
      FROM api_keys
     WHERE revoked_at IS NULL AND (expires_at, id) > ($1::timestamptz, $2::uuid) AND expires_at <= $3
     ORDER BY expires_at, id LIMIT ${BATCH}
  ), announced AS (
    INSERT INTO key_notices (key_id, kind, about)
    SELECT id, $4, expires_at FROM batch
     WHERE paused_at IS NULL AND ($5::int = 0 OR expires_at > set_at + $5::int * interval '24 hours' + interval '1 hour')
        ON CONFLICT DO NOTHING RETURNING key_id
  )
  SELECT id, owner_id, expires_at, expires_at::text AS expires_at_exactly, last_used_at,
         key_id IS NOT NULL AS is_announced
    FROM batch LEFT JOIN announced ON key_id = id ORDER BY expires_at, id`;

/** What was announced of keys that expired so long ago that nothing will be announced of them again. */
const FORGET = `
  DELETE FROM key_notices WHERE revoke_at IS NULL AND about < $1::timestamptz - interval '30 days'`;

const rows = z.array(
  z.object({
    id: z.string(),
    owner_id: z.string(),
    expires_at: z.date(),
    /** In microseconds, unlike a Date. */
    expires_at_exactly: z.string(),
    last_used_at: z.date().nullable(),
    is_announced: z.boolean(),
  }),
);

/** A key in the order of expiries. */
interface Cursor {
  readonly expiresAt: Date;
  readonly exactly: string;
  readonly id: string;
}

/** Announces that keys expire soon, and that they have expired: each once, whatever restarts, and however many replicas. */
@Injectable()
export class AnnounceExpiries {
  /** How far each stage is. It is only there to save work: `key_notices` knows what was announced. */
  readonly #reached = new Map<Stage['kind'], Cursor>();

  constructor(
    private readonly database: DataSource,
    @Inject(WALL_CLOCK) private readonly clock: WallClock,
  ) {}

  /**
   * Announces what is due, and returns how much that was. `again`: looks at keys again that it has looked at before, since
   * those that were paused then may be announced now.
   */
  async execute({ again = false } = {}): Promise<number> {
    const now = await momentOf(this.database, this.clock);
    if (again) {
      this.#reached.clear();
      await this.database.query(FORGET, [now]);
    }
    let count = 0;
    for (const stage of STAGES) {
      for (let found = BATCH; found === BATCH;) {
        const batch = await this.database.transaction((manager) => this.#announce(manager, stage, now));
        if (batch === undefined) return count;
        found = batch.found;
        count += batch.announced;
      }
    }
    return count;
  }

  async #announce(
    manager: EntityManager,
    stage: Stage,
    now: Date,
  ): Promise<{ readonly found: number; readonly announced: number } | undefined> {
    if (!(await takeTurn(manager, LOCK))) return undefined;
    const { kind, days, untilDays } = stage;
    const from = laterOf(this.#reached.get(kind), new Date(now.getTime() + untilDays * DAY_MS));
    const until = new Date(now.getTime() + days * DAY_MS);
    const found = rows.parse(await manager.query(ANNOUNCE, [from.exactly, from.id, until, kind, days]));
    const due = found.filter((row) => row.is_announced);
    const usable = await lockUsable(
      manager,
      due.map(({ id }) => id),
    );
    const announced = due.filter(({ id }) => usable.has(id));
    for (const { id, owner_id: ownerId, expires_at: expiresAt, last_used_at: lastUsedAt } of announced) {
      const daysLeft = Math.ceil((expiresAt.getTime() - now.getTime()) / DAY_MS);
      await recordEvent(manager, {
        action: days === 0 ? 'key.expired' : 'key.expiring',
        origin: keysItself,
        ownerId,
        keyId: keyIdFromUuid(id),
        details: { expiresAt, lastUsedAt, ...(days > 0 && { daysLeft }) },
      });
    }
    const last = found.at(-1);
    if (last !== undefined)
      this.#reached.set(kind, { expiresAt: last.expires_at, exactly: last.expires_at_exactly, id: last.id });
    return { found: found.length, announced: announced.length };
  }
}

/** Where to go on: after the cursor, or after all keys that expire at `moment`. */
function laterOf(cursor: Cursor | undefined, moment: Date): Omit<Cursor, 'expiresAt'> {
  if (cursor !== undefined && cursor.expiresAt >= moment) return cursor;
  return { exactly: moment.toISOString(), id: 'ffffffff-ffff-ffff-ffff-ffffffffffff' };
}
