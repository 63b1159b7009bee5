import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type KeyId, keyIdToUuid } from '#libs/key-format';

/**
 * How long to wait for a locked row, in milliseconds. This transaction holds rows itself while it waits, and a
 * revocation may need one of those.
 */
const LOCK_TIMEOUT_MS = 100;

/**
 * Rows are locked in the order of their IDs, so that concurrent batches cannot deadlock. Nothing moves backwards, and a
 * row that would not change is not written: the condition is checked again once the row is locked. No index has this
 * column, so that PostgreSQL can use HOT updates.
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
   * Records when keys were last used, in milliseconds ago, dated by the database's clock. Unknown IDs are skipped. Rejects,
   * with nothing written, if a row stays locked for too long.
   */
  async execute(agoMsById: ReadonlyMap<KeyId, number>): Promise<void> {
    if (agoMsById.size === 0) return;
    const ids = [...agoMsById.keys()].map(keyIdToUuid);
    const ages = [...agoMsById.values()];
    await this.database.transaction(async (manager) => {
      // Losing a use in a crash does little harm. Waiting for a standby would hold what revocations need.
      await manager.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}; SET LOCAL synchronous_commit = off`);
      await manager.query(WRITE, [ids, ages]);
    });
  }
}
