import type { Pool } from 'pg';
import { SCHEMA } from '../database/open-database.js';

/** A person at a provider. The id never changes, but an address may be given to somebody else. */
export interface Identity {
  readonly provider: string;
  readonly subject: string;
  /** Verified by the provider. */
  readonly email: string;
}

/**
 * The domain of addresses for users who have lost theirs, since better-auth requires one. Nobody can have it (RFC 2606
 * section 2).
 */
const MOVED_DOMAIN = 'address-moved.invalid';

/**
 * The user with this address loses it unless they are this identity, if they never verified it, if they have another
 * identity at the same provider, or if this identity already has an account. Otherwise they have verified the address
 * with another provider, and better-auth links the two into one account.
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

/** Takes an address from its former holder for the person who has it now. The former keeps their account and keys. */
export async function takeOverAddress(pool: Pool, { provider, subject, email }: Identity): Promise<void> {
  await pool.query(TAKE_OVER, [provider, subject, email]);
}
