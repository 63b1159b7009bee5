import type { Pool } from 'pg';
import { SCHEMA } from '../database/open-database.js';

/** A person as a provider knows them: their id there never changes, while an address may be given to somebody else. */
export interface Identity {
  readonly provider: string;
  readonly subject: string;
  /** Verified by the provider. */
  readonly email: string;
}

/**
 * An address that was taken from a user is replaced by this one, which nobody can have (RFC 2606 section 2), since
 * better-auth wants one of each.
 */
const MOVED_DOMAIN = 'address-moved.invalid';

/**
 * Whoever holds the address of this identity without being this identity loses it when they never proved it, when the
 * same provider knows them as somebody else, or when this identity has an account of its own already. What remains is
 * somebody who has proved the same address to another provider: better-auth makes that one account.
 */
const TAKE_OVER = `
  UPDATE ${SCHEMA}."user" AS holder
     SET email = lower(holder.id) || '@${MOVED_DOMAIN}', "emailVerified" = false, "updatedAt" = now()
   WHERE holder.email = lower($3)
     AND NOT EXISTS (SELECT FROM ${SCHEMA}.account
                      WHERE "userId" = holder.id AND "providerId" = $1 AND "accountId" = $2)
     AND (NOT holder."emailVerified"
          OR EXISTS (SELECT FROM ${SCHEMA}.account
                      WHERE "providerId" = $1 AND ("userId" = holder.id OR "accountId" = $2)))`;

/**
 * Makes room for a person whose provider has verified an address that somebody else has here. They keep their account
 * and their keys, and lose the address alone: it says nothing about them any more.
 */
export async function takeOverAddress(pool: Pool, { provider, subject, email }: Identity): Promise<void> {
  await pool.query(TAKE_OVER, [provider, subject, email]);
}
