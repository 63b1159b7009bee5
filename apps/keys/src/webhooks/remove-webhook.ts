import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Origin } from '../audit/origin.js';
import { recordEvent } from '../audit/record-event.js';
import { WebhookEndpointEntity } from './webhook-endpoint.entity.js';
import { placeOf } from './webhook-url.js';

@Injectable()
export class RemoveWebhook {
  constructor(private readonly database: DataSource) {}

  /** Removes a webhook: what waits to be sent to it fails. Returns it as it was, or null if there is none. */
  async execute(id: string, origin: Origin): Promise<WebhookEndpointEntity | null> {
    return this.database.transaction(async (manager) => {
      const webhook = await manager.findOneBy(WebhookEndpointEntity, { id });
      const { affected } = await manager.delete(WebhookEndpointEntity, { id });
      if (webhook === null || affected !== 1) return null;
      const details = { webhookId: id, to: placeOf(webhook.url) };
      await recordEvent(manager, { action: 'webhook.removed', origin, details });
      return webhook;
    });
  }
}
