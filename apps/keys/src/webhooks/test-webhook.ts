import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import type { WebhookDelivery } from '#libs/keys-contract';
import type { Origin } from '../audit/origin.js';
import { putDelivery } from '../deliveries/put-delivery.js';
import { ListWebhookDeliveries } from './list-webhook-deliveries.js';
import { WEBHOOK_CHANNEL } from './webhook-channel-name.js';
import { webhookTestEvent } from './webhook-event.js';

/** `queued`: it waits to be sent, and its state says later whether it has arrived. */
export type WebhookTested =
  | { readonly outcome: 'queued'; readonly delivery: WebhookDelivery }
  | { readonly outcome: 'unknown' | 'disabled' };

const found = z.array(z.object({ enabled: z.boolean(), now: z.date() }));

@Injectable()
export class TestWebhook {
  constructor(
    private readonly database: DataSource,
    private readonly deliveries: ListWebhookDeliveries,
  ) {}

  /** Sends a test event, whatever events the webhook is for. */
  async execute(id: string, origin: Origin): Promise<WebhookTested> {
    const sql = 'SELECT enabled, now() FROM webhook_endpoints WHERE id = $1';
    const [webhook] = found.parse(await this.database.query(sql, [id]));
    if (webhook === undefined) return { outcome: 'unknown' };
    if (!webhook.enabled) return { outcome: 'disabled' };
    const deliveryId = await putDelivery(this.database.manager, {
      channel: WEBHOOK_CHANNEL,
      destination: id,
      subject: id,
      message: webhookTestEvent(id, webhook.now, origin.actor),
    });
    const delivery = await this.deliveries.one(id, deliveryId ?? '');
    if (delivery === undefined) throw new Error('a delivery that was just added is missing');
    return { outcome: 'queued', delivery };
  }
}
