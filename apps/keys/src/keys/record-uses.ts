import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type KeyId, keyIdToUuid } from '#libs/key-format';

/**
 * How long writing may wait for a row that somebody else holds, in milliseconds. It holds rows itself while it waits,
 * and a revocation may want one of those.
 */
const LOCK_TIMEOUT_MS = 100;

/**
 * Rows are held in the order of their ids, so that batches at the same time wait for each other and never in a circle.
 * Nothing moves backwards, and nothing is written that would not move: the condition is looked at again once the row is
 * held. No index has this column, so that PostgreSQL may put the new row beside the old one (a HOT update).
 */
const WRITE = `
  WITH used AS (
    SELECT k.id, now() - u.ago_ms * interval '1 millisecond' AS at
      FROM api_keys k JOIN unnest($1::uuid[], $2::float8[]) AS u (id, ago_ms) ON u.id = k.id
     ORDER BY k.id
       FOR NO KEY UPDATE OF k
  )
  UPDATE api_keys k SET last_used_at = used.at
    FROM used
   WHERE k.id = used.id AND (k.last_used_at IS NULL OR k.last_used_at < used.at)`;

@Injectable()
export class RecordUses {
  constructor(private readonly database: DataSource) {}

  /**
   * Writes when keys were used last: so many milliseconds ago, by the clock of the database. Ids that nobody has are
   * passed over. Rejects, with nothing written, when a row is held by somebody else for too long.
   */
  async execute(agoMsById: ReadonlyMap<KeyId, number>): Promise<void> {
    if (agoMsById.size === 0) return;
    const ids = [...agoMsById.keys()].map(keyIdToUuid);
    const ages = [...agoMsById.values()];
    await this.database.transaction(async (manager) => {
      // A use that a crash loses is one the less. A commit that waits for a standby would hold what revocations need.
      await manager.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}; SET LOCAL synchronous_commit = off`);
      await manager.query(WRITE, [ids, ages]);
    });
  }
}
