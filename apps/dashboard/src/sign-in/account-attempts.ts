import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { retryAfter } from '#libs/problems';
import { DashboardProblem } from '../dashboard-problem.js';
import { SCHEMA } from '../database/open-database.js';

/** At most as long as better-auth keeps rows in this table. */
const WINDOW_SECONDS = 60;

/** Counts an attempt. Returns the count in this window and the seconds left of it. */
const COUNT = `
  INSERT INTO ${SCHEMA}."rateLimit" AS known (id, key, count, "lastRequest")
  SELECT gen_random_uuid()::text, $1, 1, now_ms FROM (SELECT floor(extract(epoch FROM now()) * 1000)::bigint AS now_ms)
  ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN excluded."lastRequest" - known."lastRequest" >= $2 THEN 1 ELSE known.count + 1 END,
    "lastRequest" = CASE WHEN excluded."lastRequest" - known."lastRequest" >= $2
      THEN excluded."lastRequest" ELSE known."lastRequest" END
  RETURNING count, ("lastRequest" + $2) / 1000.0 - extract(epoch FROM now()) AS seconds_left`;

/**
 * Limits attempts to guess the password of one account. better-auth counts per client address, which attackers can
 * change cheaply. Attempts on unknown accounts count, too, so that the limit does not reveal which accounts exist.
 */
@Injectable()
export class AccountAttempts {
  constructor(
    private readonly pool: Pool,
    private readonly perMinute: number,
  ) {}

  /** Throws `rate_limited` after too many attempts within a minute. */
  async count(email: string): Promise<void> {
    const account = createHash('sha256').update(email.toLowerCase()).digest('hex');
    const { rows } = await this.pool.query<{ count: number; seconds_left: string }>(COUNT, [
      `account:${account}`,
      WINDOW_SECONDS * 1000,
    ]);
    const [attempts] = rows;
    if (attempts !== undefined && attempts.count > this.perMinute)
      throw tooManyAttempts(Number(attempts.seconds_left));
  }
}

/** For too many attempts from one address or on one account. */
export function tooManyAttempts(seconds: number): DashboardProblem {
  const headers = retryAfter(seconds);
  return new DashboardProblem(
    'rate_limited',
    `Too many attempts. Try again in ${headers['retry-after']} seconds.`,
    { headers, reason: 'sign_in_limit' },
  );
}
