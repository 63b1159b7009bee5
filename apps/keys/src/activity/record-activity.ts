import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type KeyId, keyIdToUuid } from '#libs/key-format';
import type { ReportedActivity } from '#libs/keys-contract';

/** What a gateway has told of a key. */
export interface ToldActivity extends ReportedActivity {
  readonly keyId: KeyId;
}

/**
 * Rows are held in one order, so that batches at the same time wait for each other and never in a circle. What is a day
 * old by now is passed over: its partition may never have been there.
 */
const WRITE = `
  INSERT INTO key_activity AS known (key_id, hour, route, status, address, count, first_at, last_at)
  SELECT told.key_id, date_trunc('hour', now() - told.last_ago, 'UTC') AS hour, told.route, told.status, told.address,
         sum(told.count), now() - max(told.first_ago), now() - min(told.last_ago)
    FROM (SELECT key_id, route, status, address, count, first_ms * interval '1 millisecond' AS first_ago,
                 last_ms * interval '1 millisecond' AS last_ago
            FROM unnest($1::uuid[], $2::text[], $3::smallint[], $4::text[], $5::bigint[], $6::float8[], $7::float8[])
                 AS t (key_id, route, status, address, count, first_ms, last_ms)
         ) AS told
    JOIN api_keys ON api_keys.id = told.key_id
   WHERE told.last_ago < interval '1 day'
   GROUP BY 1, 2, 3, 4, 5
   ORDER BY 1, 2, 3, 4, 5
      ON CONFLICT (key_id, hour, route, status, address) DO UPDATE
     SET count = least(known.count + excluded.count, ${Number.MAX_SAFE_INTEGER}),
         first_at = least(known.first_at, excluded.first_at),
         last_at = greatest(known.last_at, excluded.last_at)`;

@Injectable()
export class RecordActivity {
  constructor(private readonly database: DataSource) {}

  /**
   * Adds to what keys have done, by the clock of the database. Ids that nobody has are passed over. A report that is
   * repeated, since its answer was lost, is counted again.
   */
  async execute(told: readonly ToldActivity[]): Promise<void> {
    if (told.length === 0) return;
    await this.database.transaction(async (manager) => {
      // As with uses: a commit that waits for a standby would hold a connection that revocations need.
      await manager.query('SET LOCAL synchronous_commit = off');
      await manager.query(WRITE, [
        told.map(({ keyId }) => keyIdToUuid(keyId)),
        told.map(({ route }) => route),
        told.map(({ status }) => status),
        told.map(({ address }) => address),
        told.map(({ count }) => count),
        told.map(({ firstAgoMs }) => firstAgoMs),
        told.map(({ lastAgoMs }) => lastAgoMs),
      ]);
    });
  }
}
