import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import type { Delivery } from './delivery.js';

/** A delivery to make. */
export interface NewDelivery extends Pick<Delivery, 'channel' | 'destination' | 'subject' | 'message'> {
  /** A second delivery of the same channel, destination and text is not made. */
  readonly once?: string;
}

/** For how long a delivery is tried. */
export const GIVE_UP_HOURS = 24;

const PUT = `
  INSERT INTO deliveries (channel, destination, subject, message, once, created_at, due_at, give_up_at)
  SELECT $2, $3, $4, $5, $6, now, now, now + interval '${GIVE_UP_HOURS} hours'
    FROM (SELECT coalesce($1::timestamptz, clock_timestamp()) AS now) AS moment
  ON CONFLICT DO NOTHING RETURNING id`;

const added = z.array(z.object({ id: z.string() }));

/**
 * Adds a delivery in the transaction that makes the change, and returns its ID, or undefined if `once` has kept it from being
 * made. For deliveries about one subject to be in order, the transaction must hold a lock that others about it need, as those
 * that change a key do. `now`: the moment, or null for PostgreSQL's clock.
 */
export async function putDelivery(
  manager: EntityManager,
  { channel, destination, subject, message, once }: NewDelivery,
  now: Date | null = null,
): Promise<string | undefined> {
  const parameters = [now, channel, destination, subject, JSON.stringify(message), once ?? null];
  return added.parse(await manager.query(PUT, parameters))[0]?.id;
}
