import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { WebhookEndpointEntity } from './webhook-endpoint.entity.js';

@Injectable()
export class FindWebhooks {
  constructor(private readonly database: DataSource) {}

  /** All webhooks, oldest first. There are few: see `MAX_WEBHOOKS`. */
  all(): Promise<WebhookEndpointEntity[]> {
    return this.database
      .getRepository(WebhookEndpointEntity)
      .find({ order: { createdAt: 'ASC', id: 'ASC' } });
  }

  /** Null if there is no such webhook. */
  one(id: string): Promise<WebhookEndpointEntity | null> {
    return this.database.getRepository(WebhookEndpointEntity).findOneBy({ id });
  }
}
