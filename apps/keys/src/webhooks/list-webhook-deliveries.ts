import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import type { DeliveryState, WebhookDelivery } from '#libs/keys-contract';
import { type Page, pageOf } from '../database/page.js';
import { WEBHOOK_CHANNEL } from './webhook-channel-name.js';

/** Which deliveries, at most `limit`, before the one at the cursor. */
export interface WebhookDeliveryFilter {
  readonly state: DeliveryState | undefined;
  readonly limit: number;
  readonly cursor: string | undefined;
}

const COLUMNS = `
  SELECT id, message, subject, attempts, created_at AS "createdAt", delivered_at AS "deliveredAt",
         failed_at AS "failedAt", last_error AS "lastError",
         CASE WHEN delivered_at IS NULL AND failed_at IS NULL THEN due_at END AS "nextAttemptAt"
    FROM deliveries WHERE channel = '${WEBHOOK_CHANNEL}' AND destination = $1`;

const CONDITIONS: Readonly<Record<DeliveryState, string>> = {
  pending: 'delivered_at IS NULL AND failed_at IS NULL',
  delivered: 'delivered_at IS NOT NULL',
  failed: 'failed_at IS NOT NULL',
};

const moment = z.date().transform((date) => date.toISOString());
const rows = z.array(
  z
    .object({
      id: z.string(),
      message: z.object({ id: z.string(), type: z.string() }),
      subject: z.string(),
      attempts: z.int(),
      createdAt: moment,
      deliveredAt: moment.nullable(),
      failedAt: moment.nullable(),
      lastError: z.string().nullable(),
      nextAttemptAt: moment.nullable(),
    })
    .transform(({ message, ...rest }): WebhookDelivery => ({
      ...rest,
      eventId: message.id,
      event: message.type,
      state: rest.failedAt !== null ? 'failed' : rest.deliveredAt !== null ? 'delivered' : 'pending',
    })),
);

@Injectable()
export class ListWebhookDeliveries {
  constructor(private readonly database: DataSource) {}

  /** What was sent to a webhook, and what waits to be, newest first. */
  async execute(
    webhookId: string,
    { state, limit, cursor }: WebhookDeliveryFilter,
  ): Promise<Page<WebhookDelivery>> {
    const condition = state === undefined ? '' : `AND ${CONDITIONS[state]}`;
    const sql = `${COLUMNS} ${condition} AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`;
    return pageOf(rows.parse(await this.database.query(sql, [webhookId, cursor ?? null, limit + 1])), limit);
  }

  /** Undefined if there is no such delivery to this webhook. */
  async one(webhookId: string, deliveryId: string): Promise<WebhookDelivery | undefined> {
    if (!/^[1-9]\d{0,17}$/.test(deliveryId)) return undefined;
    const [delivery] = rows.parse(
      await this.database.query(`${COLUMNS} AND id = $2`, [webhookId, deliveryId]),
    );
    return delivery;
  }
}
