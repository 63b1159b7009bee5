import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import type { Lifetimes } from './lifetimes.js';

/** `allowed`: when a new key expires, or null for never. `too_late`: no key may live for longer than `maxDays`. */
export type ChosenExpiry =
  | { readonly outcome: 'allowed'; readonly expiresAt: Date | null }
  | { readonly outcome: 'expires_in_past' }
  | { readonly outcome: 'expires_too_late'; readonly maxDays: number };

/** How far the clock may be ahead by which a client has computed the longest lifetime, in milliseconds. */
const LEEWAY_MS = 5 * 60_000;

const answer = z.tuple([z.object({ isPast: z.boolean(), isTooLate: z.boolean(), expiresAt: z.date() })]);

/**
 * When a new key expires, by PostgreSQL's clock. `asked` is null for never, and undefined if the request left it out. An
 * expiry that is later than the longest lifetime by a few minutes becomes that: clocks differ.
 */
export async function chooseExpiry(
  manager: EntityManager,
  asked: Date | null | undefined,
  { defaultDays, maxDays }: Lifetimes,
): Promise<ChosenExpiry> {
  if (asked === null && maxDays !== null) return { outcome: 'expires_too_late', maxDays };
  if (asked === null || (asked === undefined && defaultDays === null))
    return { outcome: 'allowed', expiresAt: null };
  const found: unknown = await manager.query(
    `WITH asked AS (
       SELECT coalesce($1::timestamptz, now() + $2 * interval '24 hours') AS at, now() + $3 * interval '24 hours' AS latest
     )
     SELECT at <= now() AS "isPast", coalesce(at > latest + $4 * interval '1 millisecond', false) AS "isTooLate",
            least(at, latest) AS "expiresAt"
       FROM asked`,
    [asked ?? null, defaultDays, maxDays, LEEWAY_MS],
  );
  const [{ isPast, isTooLate, expiresAt }] = answer.parse(found);
  if (isPast) return { outcome: 'expires_in_past' };
  if (isTooLate && maxDays !== null) return { outcome: 'expires_too_late', maxDays };
  return { outcome: 'allowed', expiresAt };
}
