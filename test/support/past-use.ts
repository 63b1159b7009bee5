import { findKeyId, isKeyId, keyIdToUuid } from '#libs/key-format';
import type { Stack } from '#libs/testing';

/** Uses of a key that gateways can no longer report. */
export interface PastUse {
  /** A key's ID or text. */
  readonly key: string;
  readonly daysAgo: number;
  readonly count?: number;
  readonly address?: string;
}

/** Records requests of some days ago in a key's activity. */
export async function recordPastUse(
  { database }: Stack,
  { key, daysAgo, count = 1, address = '192.0.2.1' }: PastUse,
): Promise<void> {
  const id = isKeyId(key) ? key : findKeyId(key);
  if (id === undefined) throw new Error('neither a key nor its ID');
  await database.query(
    `DO $$ DECLARE day date := (now() AT TIME ZONE 'UTC')::date - ${daysAgo}; BEGIN
       EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF key_activity FOR VALUES FROM (%L) TO (%L)',
                      'key_activity_' || to_char(day, 'YYYY_MM_DD'), day || 'T00:00:00Z', day + 1 || 'T00:00:00Z');
     END $$`,
  );
  await database.query(
    `INSERT INTO key_activity (key_id, hour, route, status, address, count, first_at, last_at)
     SELECT $1, date_trunc('hour', at, 'UTC'), 'GET /v1/me', 200, $3, $2, at, at
       FROM (SELECT now() - $4 * interval '1 day' AS at) AS past`,
    [keyIdToUuid(id), count, address, daysAgo],
  );
}
