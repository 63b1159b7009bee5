import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { keyIdFromUuid } from '#libs/key-format';
import { keysItself } from '../audit/origin.js';
import { WALL_CLOCK, type WallClock } from '../database/wall-clock.js';
import { markRevoked } from '../keys/revoke-key.js';
import { type Change, PropagatedChanges } from '../revocation/propagated-changes.js';
import { momentOf } from './sweeping.js';

/**
 * How long after the announced moment a key is revoked at the earliest. Gateways report uses within a minute: only one that
 * cannot reach keys for longer than this could report one too late.
 */
const GRACE = "interval '1 hour'";

/** After that, an announcement does not count any more: the service was down, or did not revoke unused keys for a while. */
const VALID_FOR = "interval '7 days'";

/** How many keys are revoked at the same time: if a gateway does not answer, each takes seconds. */
const TOGETHER = 4;

/** Once the row is locked, no use can be recorded before the revocation is. */
const LOCK = `
  SELECT revoked_at IS NULL AND paused_at IS NULL AND suspended_at IS NULL
         AND (expires_at IS NULL OR expires_at > $2::timestamptz) AND coalesce(last_used_at, k.created_at) = about
         AND about <= $2::timestamptz - $3 * interval '24 hours'
         AND revoke_at > $2::timestamptz - ${GRACE} - ${VALID_FOR} AS is_unused
    FROM api_keys k JOIN owners o ON o.id = owner_id JOIN key_notices ON key_id = k.id
   WHERE k.id = $1 AND kind = 'unused' AND revoke_at <= $2::timestamptz - ${GRACE}
     FOR NO KEY UPDATE OF k`;

const due = z.array(z.object({ id: z.string() }));
const locked = z.array(z.object({ is_unused: z.boolean() }));

/** Revokes keys that nobody has used since `AnnounceUnused` announced it. */
@Injectable()
export class RevokeUnused {
  constructor(
    private readonly database: DataSource,
    private readonly changes: PropagatedChanges,
    @Inject(WALL_CLOCK) private readonly clock: WallClock,
  ) {}

  /** Revokes what is due, and returns how many keys that was. No gateway accepts them any more. */
  async execute(idleDays: number): Promise<number> {
    const now = await momentOf(this.database, this.clock);
    const found: unknown = await this.database.query(
      `SELECT key_id AS id FROM key_notices WHERE revoke_at <= $1::timestamptz - ${GRACE} ORDER BY revoke_at`,
      [now],
    );
    const uuids = due.parse(found).map(({ id }) => id);
    let count = 0;
    while (uuids.length > 0) {
      const batch = uuids.splice(0, TOGETHER).map((uuid) => this.#revoke(uuid, now, idleDays));
      count += (await Promise.all(batch)).filter((isRevoked) => isRevoked).length;
    }
    return count;
  }

  async #revoke(uuid: string, now: Date, idleDays: number): Promise<boolean> {
    const { result } = await this.changes.commit((manager) => revoke(manager, uuid, now, idleDays));
    return result;
  }
}

/** Whatever becomes of the key, its announcement has served. It may be announced again. */
async function revoke(
  manager: EntityManager,
  uuid: string,
  now: Date,
  idleDays: number,
): Promise<Change<boolean>> {
  const announced = locked.parse(await manager.query(LOCK, [uuid, now, idleDays]));
  await manager.query(
    `DELETE FROM key_notices WHERE key_id = $1 AND kind = 'unused' AND revoke_at <= $2::timestamptz - ${GRACE}`,
    [uuid, now],
  );
  if (!announced.some(({ is_unused: isUnused }) => isUnused)) return { result: false, invalidates: null };
  const id = keyIdFromUuid(uuid);
  await markRevoked(manager, {
    id,
    ownerId: null,
    origin: keysItself,
    reason: `unused for ${idleDays} days`,
  });
  return { result: true, invalidates: { kind: 'key', id } };
}
