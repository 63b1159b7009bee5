import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Origin } from '../audit/origin.js';
import { recordEvent } from '../audit/record-event.js';
import { WebhookEndpointEntity } from './webhook-endpoint.entity.js';
import { WebhookSigner } from './webhook-signer.js';

/** `secret` is shown to the caller only. */
export type WebhookSecretRotated =
  | { readonly outcome: 'rotated'; readonly webhook: WebhookEndpointEntity; readonly secret: string }
  | { readonly outcome: 'not_set_up' | 'unknown' };

@Injectable()
export class RotateWebhookSecret {
  constructor(
    private readonly database: DataSource,
    private readonly signer: WebhookSigner,
  ) {}

  /** Gives a webhook a new secret and key pair. Those from before sign for 24 more hours. */
  async execute(id: string, origin: Origin): Promise<WebhookSecretRotated> {
    if (!this.signer.isSetUp) return { outcome: 'not_set_up' };
    return this.database.transaction(async (manager) => {
      const { affected } = await manager.update(
        WebhookEndpointEntity,
        { id },
        { secretVersion: () => 'secret_version + 1', secretRotatedAt: () => 'now()' },
      );
      if (affected !== 1) return { outcome: 'unknown' };
      const webhook = await manager.findOneByOrFail(WebhookEndpointEntity, { id });
      const { secret } = this.signer.keysOf(id, webhook.secretVersion);
      const details = { webhookId: id, version: webhook.secretVersion };
      await recordEvent(manager, { action: 'webhook.secret_rotated', origin, details });
      return { outcome: 'rotated', webhook, secret };
    });
  }
}
