import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { type KeyId, keyIdToUuid } from '#libs/key-format';
import { KEY_TEST_ROUTE, type Usage } from '#libs/keys-contract';
import { ActivityRetention } from './partition-maintenance.js';

const WEEK_DAYS = 7;

/** How many addresses are told. */
const MAX_ADDRESSES = 20;

const rows = z.tuple([
  z.object({
    requests: z.number(),
    refused: z.number(),
    last_at: z.date().nullable(),
    address_count: z.number().nullable(),
    addresses: z.array(z.string()),
  }),
]);

/**
 * A row stands for up to an hour, and counts as a whole if its last request is within the time. So "none" is exact, and other
 * numbers may include requests of up to an hour before. An empty address stands for more of them than gateways tell apart.
 */
const SUMMARIZE = `
  WITH by_address AS (
    SELECT address, sum(count) AS requests, coalesce(sum(count) FILTER (WHERE status >= 400), 0) AS refused,
           max(last_at) AS last_at
      FROM key_activity
     WHERE key_id = $1 AND hour >= date_trunc('hour', now() - $2 * interval '1 day', 'UTC')
       AND last_at >= now() - $2 * interval '1 day' AND route <> $3
     GROUP BY address)
  SELECT least(coalesce(sum(requests), 0), ${Number.MAX_SAFE_INTEGER})::float8 AS requests,
         least(coalesce(sum(refused), 0), ${Number.MAX_SAFE_INTEGER})::float8 AS refused,
         max(last_at) AS last_at,
         CASE WHEN bool_or(address = '') THEN NULL ELSE count(*)::int END AS address_count,
         coalesce((array_agg(address ORDER BY requests DESC, address) FILTER (WHERE address <> ''))[1:${MAX_ADDRESSES}],
                  '{}') AS addresses
    FROM by_address`;

const hourRows = z.array(z.object({ hour: z.date(), requests: z.number(), refused: z.number() }));

const BY_HOUR = `
  SELECT hour, least(sum(count), ${Number.MAX_SAFE_INTEGER})::float8 AS requests,
         least(coalesce(sum(count) FILTER (WHERE status >= 400), 0), ${Number.MAX_SAFE_INTEGER})::float8 AS refused
    FROM key_activity
   WHERE key_id = $1 AND hour >= date_trunc('hour', now() - $2 * interval '1 day', 'UTC') AND route <> $3
   GROUP BY hour ORDER BY hour`;

/** How much a key was used. */
export interface UsageSummary {
  /** Null if there was no request within 7 days, or as long as activity is kept. */
  readonly lastAt: Date | null;
  readonly lastDay: Usage;
  /** Null if activity is not kept as long. */
  readonly lastWeek: Usage | null;
  /** Those with requests, of the last 7 days, oldest first. */
  readonly hours: readonly { readonly at: Date; readonly requests: number; readonly refused: number }[];
}

@Injectable()
export class SummarizeUsage {
  constructor(
    private readonly database: DataSource,
    private readonly retention: ActivityRetention,
  ) {}

  /** Sums up what a key was used for within the last day and the last 7 days, without tests by the dashboard. */
  async execute(id: KeyId): Promise<UsageSummary> {
    const [day, week, hours] = await Promise.all([
      this.#within(id, 1),
      this.#within(id, WEEK_DAYS),
      this.#byHour(id),
    ]);
    const isKept = this.retention.days >= WEEK_DAYS;
    return { lastAt: week.lastAt, lastDay: day.usage, lastWeek: isKept ? week.usage : null, hours };
  }

  async #within(id: KeyId, days: number): Promise<{ usage: Usage; lastAt: Date | null }> {
    const [{ requests, refused, last_at, address_count, addresses }] = rows.parse(
      await this.database.query(SUMMARIZE, [keyIdToUuid(id), days, KEY_TEST_ROUTE]),
    );
    return { usage: { requests, refused, addresses, addressCount: address_count }, lastAt: last_at };
  }

  async #byHour(id: KeyId): Promise<UsageSummary['hours']> {
    const found = hourRows.parse(
      await this.database.query(BY_HOUR, [keyIdToUuid(id), WEEK_DAYS, KEY_TEST_ROUTE]),
    );
    return found.map(({ hour, ...counts }) => ({ at: hour, ...counts }));
  }
}
