import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type KeyId, keyIdToUuid } from '#libs/key-format';
import type { ReportedActivity } from '#libs/keys-contract';

/** What a gateway has reported about a key. */
export interface KeyActivityEntry extends ReportedActivity {
  readonly keyId: KeyId;
}

/**
 * Rows are locked in one order, so that concurrent batches cannot deadlock. Entries more than a day old are skipped:
 * their partition may not exist.
 */
const WRITE = `
  INSERT INTO key_activity AS known (key_id, hour, route, status, address, count, first_at, last_at)
  SELECT reported.key_id, date_trunc('hour', now() - reported.last_ago, 'UTC') AS hour, reported.route, reported.status,
         reported.address, sum(reported.count), now() - max(reported.first_ago), now() - min(reported.last_ago)
    FROM (SELECT key_id, route, status, address, count, first_ms * interval '1 millisecond' AS first_ago,
                 last_ms * interval '1 millisecond' AS last_ago
            FROM unnest($1::uuid[], $2::text[], $3::smallint[], $4::text[], $5::bigint[], $6::float8[], $7::float8[])
                 AS t (key_id, route, status, address, count, first_ms, last_ms)
         ) AS reported
    JOIN api_keys ON api_keys.id = reported.key_id
   WHERE reported.last_ago < interval '1 day'
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
   * Adds reported activity to what is recorded, dated by the database's clock. Unknown IDs are skipped. If a report is
   * sent again because its answer was lost, it is counted twice.
   */
  async execute(entries: readonly KeyActivityEntry[]): Promise<void> {
    if (entries.length === 0) return;
    await this.database.transaction(async (manager) => {
      // Not waiting for a standby, as in RecordUses: that would hold a connection which revocations need.
      await manager.query('SET LOCAL synchronous_commit = off');
      await manager.query(WRITE, [
        entries.map(({ keyId }) => keyIdToUuid(keyId)),
        entries.map(({ route }) => route),
        entries.map(({ status }) => status),
        entries.map(({ address }) => address),
        entries.map(({ count }) => count),
        entries.map(({ firstAgoMs }) => firstAgoMs),
        entries.map(({ lastAgoMs }) => lastAgoMs),
      ]);
    });
  }
}
