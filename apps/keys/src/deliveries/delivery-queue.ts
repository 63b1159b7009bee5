import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { z } from 'zod';
import type { WallClock } from '../database/wall-clock.js';
import type { Delivery, Sent } from './delivery.js';
import { GIVE_UP_HOURS, type NewDelivery, putDelivery } from './put-delivery.js';

/** How many deliveries of one destination are sent at the same time by a replica. */
const BATCH = 8;

/** After how many seconds a delivery that was claimed and not settled may be claimed again: longer than sending may take. */
const CLAIM_SECONDS = 30;

/** For how long a delivery is shown to operators. */
const KEEP_DAYS = 30;

/** The longest text about a failure that is stored. */
const MAX_REASON_LENGTH = 300;

/** The moment: of the clock that was passed in, or PostgreSQL's. */
const NOW = 'coalesce($1::timestamptz, clock_timestamp())';

const OPEN = 'delivered_at IS NULL AND failed_at IS NULL';

/** From 5 seconds, doubling to an hour, with jitter, so that many that failed together do not come back together. */
const delay = (failures: string): string =>
  `make_interval(secs => least(3600, 5 * 2 ^ least(${failures}, 20)) * (0.5 + random() / 2))`;

/**
 * For each destination that is neither paused nor busy here, the first open delivery of each subject, if it is due. Of two
 * replicas that find the same one, the second waits for the row and then finds that it is not due any more.
 */
const CLAIM = `
  WITH moment AS (SELECT ${NOW} AS now),
  destinations AS (
    SELECT DISTINCT channel, destination FROM deliveries
     WHERE ${OPEN} AND channel = ANY ($2) AND NOT (channel || ' ' || destination = ANY ($3))
  ),
  next AS (
    SELECT due.id
      FROM moment, destinations t, LATERAL (
        SELECT d.id FROM deliveries d
         WHERE d.channel = t.channel AND d.destination = t.destination AND ${OPEN} AND d.due_at <= moment.now
           AND NOT EXISTS (
             SELECT FROM deliveries before
              WHERE before.channel = d.channel AND before.destination = d.destination
                AND before.subject = d.subject AND before.id < d.id AND ${OPEN})
         ORDER BY d.id LIMIT ${BATCH}
      ) due
     WHERE NOT EXISTS (
       SELECT FROM delivery_pauses p
        WHERE p.channel = t.channel AND p.destination = t.destination AND p.until > moment.now)
  )
  UPDATE deliveries d SET attempts = attempts + 1, due_at = moment.now + interval '${CLAIM_SECONDS} s'
    FROM moment, next
   WHERE d.id = next.id AND ${OPEN} AND d.due_at <= moment.now
  RETURNING d.id, channel, destination, subject, message, created_at, attempts`;

const claimed = z.tuple([
  z.array(
    z
      .object({
        id: z.string(),
        channel: z.string(),
        destination: z.string(),
        subject: z.string(),
        message: z.unknown(),
        created_at: z.date(),
        attempts: z.int(),
      })
      .transform(({ created_at: createdAt, ...rest }): Delivery => ({ ...rest, createdAt })),
  ),
  z.number(),
]);

/** What became of an attempt. `late`: another replica has claimed the delivery since. */
export type Settled = 'delivered' | 'retried' | 'failed' | 'late';

const settled = z.tuple([z.array(z.object({ has_failed: z.boolean() })), z.number()]);
const counted = z.array(z.object({ channel: z.string(), waiting: z.number() }));

/** Messages to the outside world, in PostgreSQL: committed with the change they are about, and sent until they arrive. */
@Injectable()
export class DeliveryQueue {
  constructor(
    private readonly database: DataSource,
    private readonly clock: WallClock,
  ) {}

  /** Adds a delivery: see {@link putDelivery}. */
  async put(manager: EntityManager, delivery: NewDelivery): Promise<void> {
    await putDelivery(manager, delivery, this.clock());
  }

  /**
   * Claims what is due on these channels, for destinations other than `busy` ones. The caller must send each one at
   * once, and settle it.
   */
  async claim(channels: readonly string[], busy: Iterable<string>): Promise<readonly Delivery[]> {
    const parameters = [this.clock(), channels, [...busy]];
    return claimed.parse(await this.database.query(CLAIM, parameters))[0];
  }

  /** Records how an attempt ended. */
  async settle({ id, channel, destination, attempts }: Delivery, sent: Sent): Promise<Settled> {
    return this.database.transaction(async (manager) => {
      const own = [id, attempts];
      if (sent.outcome === 'delivered') {
        const found: unknown = await manager.query(
          `UPDATE deliveries SET delivered_at = ${NOW}, last_error = NULL
            WHERE id = $2 AND attempts = $3 AND ${OPEN} RETURNING false AS has_failed`,
          [this.clock(), ...own],
        );
        await manager.query('DELETE FROM delivery_pauses WHERE channel = $1 AND destination = $2', [
          channel,
          destination,
        ]);
        return settled.parse(found)[1] === 1 ? 'delivered' : 'late';
      }
      const reason = sent.reason.slice(0, MAX_REASON_LENGTH);
      // Of what is unavailable, the pause decides when it is tried again.
      const again = sent.outcome === 'retry' ? delay('attempts - 1') : `interval '0'`;
      const after = sent.outcome === 'failed' ? 0 : (sent.afterSeconds ?? 0);
      const found: unknown = await manager.query(
        `UPDATE deliveries
            SET failed_at = CASE WHEN $4::boolean OR give_up_at <= ${NOW} THEN ${NOW} END,
                due_at = ${NOW} + greatest(${again}, make_interval(secs => $5)), last_error = $6
          WHERE id = $2 AND attempts = $3 AND ${OPEN} RETURNING failed_at IS NOT NULL AS has_failed`,
        [this.clock(), ...own, sent.outcome === 'failed', sent.outcome === 'retry' ? after : 0, reason],
      );
      if (sent.outcome === 'unavailable') await this.#pause(manager, channel, destination, after);
      const [rows] = settled.parse(found);
      if (rows[0] === undefined) return 'late';
      return rows[0].has_failed ? 'failed' : 'retried';
    });
  }

  /** Sends a delivery again, whether it has arrived, failed or is waiting. False if there is no such delivery. */
  async replay(channel: string, destination: string, id: string): Promise<boolean> {
    const found: unknown = await this.database.query(
      `UPDATE deliveries
          SET delivered_at = NULL, failed_at = NULL, due_at = ${NOW}, give_up_at = ${NOW} + interval '${GIVE_UP_HOURS} hours'
        WHERE id = $2 AND channel = $3 AND destination = $4 RETURNING false AS has_failed`,
      [this.clock(), id, channel, destination],
    );
    return settled.parse(found)[1] === 1;
  }

  /** Deletes what has been over for long. */
  async forget(): Promise<void> {
    await this.database.query(
      `DELETE FROM deliveries WHERE created_at < ${NOW} - interval '${KEEP_DAYS} days' AND NOT (${OPEN})`,
      [this.clock()],
    );
  }

  /** How many deliveries wait, by channel. */
  async count(): Promise<ReadonlyMap<string, number>> {
    const sql = `SELECT channel, count(*)::integer AS waiting FROM deliveries WHERE ${OPEN} GROUP BY channel`;
    return new Map(
      counted.parse(await this.database.query(sql)).map(({ channel, waiting }) => [channel, waiting]),
    );
  }

  /** Of several failures at the same time, one counts. */
  async #pause(manager: EntityManager, channel: string, destination: string, after: number): Promise<void> {
    await manager.query(
      `INSERT INTO delivery_pauses AS p (channel, destination, failures, until)
       SELECT $2, $3, 1, ${NOW} + greatest(${delay('0')}, make_interval(secs => $4))
       ON CONFLICT (channel, destination) DO UPDATE
         SET failures = p.failures + 1, until = ${NOW} + greatest(${delay('p.failures')}, make_interval(secs => $4))
         WHERE p.until <= ${NOW}`,
      [this.clock(), channel, destination, after],
    );
  }
}
