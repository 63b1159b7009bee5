import { Injectable } from '@nestjs/common';
import type { WebhookDelivery } from '#libs/keys-contract';
import { DeliveryQueue } from '../deliveries/delivery-queue.js';
import { FindWebhooks } from './find-webhooks.js';
import { ListWebhookDeliveries } from './list-webhook-deliveries.js';
import { WEBHOOK_CHANNEL } from './webhook-channel-name.js';

/** `queued`: it waits to be sent again, and its state says later whether it has arrived. */
export type WebhookReplayed =
  | { readonly outcome: 'queued'; readonly delivery: WebhookDelivery }
  | { readonly outcome: 'unknown' | 'unknown_delivery' | 'disabled' };

@Injectable()
export class ReplayWebhookDelivery {
  constructor(
    private readonly findWebhooks: FindWebhooks,
    private readonly deliveries: ListWebhookDeliveries,
    private readonly queue: DeliveryQueue,
  ) {}

  /** Sends an event again, whether it has arrived or not, with the same `webhook-id`. */
  async execute(webhookId: string, deliveryId: string): Promise<WebhookReplayed> {
    const webhook = await this.findWebhooks.one(webhookId);
    if (webhook === null) return { outcome: 'unknown' };
    if (!webhook.enabled) return { outcome: 'disabled' };
    if ((await this.deliveries.one(webhookId, deliveryId)) === undefined)
      return { outcome: 'unknown_delivery' };
    await this.queue.replay(WEBHOOK_CHANNEL, webhookId, deliveryId);
    const delivery = await this.deliveries.one(webhookId, deliveryId);
    return delivery === undefined ? { outcome: 'unknown_delivery' } : { outcome: 'queued', delivery };
  }
}
