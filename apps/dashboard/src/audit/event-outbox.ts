import { Injectable } from '@nestjs/common';
import type { Pool, QueryResult } from 'pg';
import type { PersonAction } from '#libs/keys-contract';
import { SCHEMA } from '../database/open-database.js';
import type { RequestOrigin } from './request-origin.js';

/** An event that keys has not confirmed yet. */
export interface PendingEvent {
  /** In the order in which they were recorded. */
  readonly number: string;
  /** The same each time it is sent. */
  readonly id: string;
  readonly action: PersonAction;
  readonly userId: string;
  /** The ID of their owner in the keys service. */
  readonly ownerId: string;
  readonly address: string;
  readonly requestId: string;
  readonly agoMs: number;
  readonly details: { readonly method?: string; readonly attempts?: number; readonly limited?: number };
}

/**
 * Events wait in `audit_outbox`. Failed sign-ins are counted in `failed_sign_ins` first, by what was entered as the email
 * address, so that an attempt takes as long whether there is such an account or not.
 */
const TABLES = `
  CREATE TABLE IF NOT EXISTS ${SCHEMA}.audit_outbox (
    number     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id         uuid NOT NULL DEFAULT gen_random_uuid(),
    at         timestamptz NOT NULL DEFAULT now(),
    action     text NOT NULL,
    user_id    text NOT NULL,
    address    text NOT NULL,
    request_id text NOT NULL,
    details    jsonb NOT NULL
  );
  CREATE TABLE IF NOT EXISTS ${SCHEMA}.failed_sign_ins (
    email      text NOT NULL,
    address    text NOT NULL,
    minute     timestamptz NOT NULL DEFAULT date_trunc('minute', now()),
    at         timestamptz NOT NULL DEFAULT now(),
    request_id text NOT NULL,
    attempts   integer NOT NULL DEFAULT 1,
    limited    integer NOT NULL DEFAULT 0,
    PRIMARY KEY (email, address, minute)
  )`;

const SIGNED_IN = `
  INSERT INTO ${SCHEMA}.audit_outbox (action, user_id, address, request_id, details)
  VALUES ('person.signed_in', $1, $2, $3, jsonb_build_object('method', $4::text))`;

const SIGN_OUT = `
  WITH ended AS (DELETE FROM ${SCHEMA}.session WHERE token = $1 RETURNING "userId")
  INSERT INTO ${SCHEMA}.audit_outbox (action, user_id, address, request_id, details)
  SELECT 'person.signed_out', "userId", $2, $3, '{}' FROM ended`;

const REFUSED = `
  INSERT INTO ${SCHEMA}.failed_sign_ins AS known (email, address, request_id) VALUES (lower($1), $2, $3)
  ON CONFLICT (email, address, minute) DO UPDATE SET attempts = known.attempts + 1`;

/** For the address if it has tried before, otherwise for all others together: attackers have any number of them. */
const ACCOUNT_LIMITED = `
  INSERT INTO ${SCHEMA}.failed_sign_ins AS known (email, address, request_id, limited)
  SELECT lower($1), CASE WHEN EXISTS (SELECT FROM ${SCHEMA}.failed_sign_ins
                                       WHERE email = lower($1) AND address = $2
                                         AND minute = date_trunc('minute', now())) THEN $2 ELSE '' END, $3, 1
  ON CONFLICT (email, address, minute) DO UPDATE SET attempts = known.attempts + 1, limited = known.limited + 1`;

/** Only together with attempts that were made: one address could otherwise name any number of accounts. */
const ADDRESS_LIMITED = `
  UPDATE ${SCHEMA}.failed_sign_ins SET attempts = attempts + 1, limited = limited + 1
   WHERE email = lower($1) AND address = $2 AND minute = date_trunc('minute', now())`;

/** Once a minute is over, its failed sign-ins become events of their accounts. The others are forgotten. */
const CLOSE_MINUTES = `
  WITH closed AS (DELETE FROM ${SCHEMA}.failed_sign_ins WHERE minute < date_trunc('minute', now()) RETURNING *)
  INSERT INTO ${SCHEMA}.audit_outbox (at, action, user_id, address, request_id, details)
  SELECT closed.at, 'person.sign_in_failed', "user".id, closed.address, closed.request_id,
         jsonb_build_object('method', 'password', 'attempts', closed.attempts, 'limited', closed.limited)
    FROM closed JOIN ${SCHEMA}."user" ON "user".email = closed.email`;

const NEXT = `
  SELECT event.number, event.id, event.action, event.user_id AS "userId", coalesce("user"."ownerId", event.user_id) AS "ownerId",
         event.address, event.request_id AS "requestId", event.details,
         greatest(0, round(extract(epoch FROM now() - event.at) * 1000))::float8 AS "agoMs"
    FROM ${SCHEMA}.audit_outbox AS event LEFT JOIN ${SCHEMA}."user" ON "user".id = event.user_id
   WHERE event.number > $1 ORDER BY event.number LIMIT 100`;

/**
 * Events for the audit log of the keys service. They are stored in the dashboard's database first, so that signing in does
 * not depend on keys.
 */
@Injectable()
export class EventOutbox {
  constructor(private readonly pool: Pool) {}

  async createTables(): Promise<void> {
    await this.pool.query(TABLES);
  }

  /** To be called before the browser gets the cookie of a new session: nobody is signed in without the event. */
  async signedIn(userId: string, method: string, { address, requestId }: RequestOrigin): Promise<void> {
    await this.pool.query(SIGNED_IN, [userId, address, requestId, method]);
  }

  /** Ends a session, together with the event. */
  async signOut(token: string, { address, requestId }: RequestOrigin): Promise<void> {
    await this.pool.query(SIGN_OUT, [token, address, requestId]);
  }

  /** Counts an attempt with a wrong email address or password. */
  async refused(email: string, { address, requestId }: RequestOrigin): Promise<void> {
    await this.pool.query(REFUSED, [email, address, requestId]);
  }

  /** Counts an attempt that was refused since there were too many, on this account or from this address. */
  async limited(
    by: 'account' | 'address',
    email: string,
    { address, requestId }: RequestOrigin,
  ): Promise<void> {
    if (by === 'account') await this.pool.query(ACCOUNT_LIMITED, [email, address, requestId]);
    else await this.pool.query(ADDRESS_LIMITED, [email, address]);
  }

  /** Makes events of the failed sign-ins of past minutes. */
  async closeMinutes(): Promise<void> {
    await this.pool.query(CLOSE_MINUTES);
  }

  /** Up to 100 events after that number, oldest first. */
  async after(number: string): Promise<readonly PendingEvent[]> {
    const { rows }: QueryResult<PendingEvent> = await this.pool.query(NEXT, [number]);
    return rows;
  }

  async remove(number: string): Promise<void> {
    await this.pool.query(`DELETE FROM ${SCHEMA}.audit_outbox WHERE number = $1`, [number]);
  }
}
