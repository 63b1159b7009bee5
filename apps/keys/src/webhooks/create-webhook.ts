import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { MAX_WEBHOOKS } from '#libs/keys-contract';
import { newKeyId } from '#libs/key-format';
import type { Origin } from '../audit/origin.js';
import { recordEvent } from '../audit/record-event.js';
import { WebhookEndpointEntity } from './webhook-endpoint.entity.js';
import { WebhookSigner } from './webhook-signer.js';
import { type ReadUrl, WebhookUrlRule, placeOf } from './webhook-url.js';

export interface NewWebhook {
  readonly url: string;
  readonly description: string | null;
  readonly events: readonly string[];
  readonly enabled: boolean;
  readonly origin: Origin;
}

/** `secret` is shown to the caller only. */
export type WebhookCreated =
  | { readonly outcome: 'created'; readonly webhook: WebhookEndpointEntity; readonly secret: string }
  | { readonly outcome: 'not_set_up' | 'too_many' }
  | Extract<ReadUrl, { readonly outcome: 'url_refused' }>;

@Injectable()
export class CreateWebhook {
  constructor(
    private readonly database: DataSource,
    private readonly signer: WebhookSigner,
    private readonly urlRule: WebhookUrlRule,
  ) {}

  /** Adds an address that events are sent to, from the next one on. */
  async execute({ url: text, events, origin, ...given }: NewWebhook): Promise<WebhookCreated> {
    if (!this.signer.isSetUp) return { outcome: 'not_set_up' };
    const read = this.urlRule.read(text);
    if (read.outcome === 'url_refused') return read;
    const { url } = read;
    const id = `we_${newKeyId()}`;
    const secretVersion = 1;
    const { secret } = this.signer.keysOf(id, secretVersion);
    const webhook = await this.database.transaction(async (manager) => {
      // Two that are added at the same time would not count each other.
      await manager.query('LOCK TABLE webhook_endpoints IN SHARE ROW EXCLUSIVE MODE');
      if ((await manager.count(WebhookEndpointEntity)) >= MAX_WEBHOOKS) return undefined;
      await manager.insert(WebhookEndpointEntity, {
        ...given,
        id,
        url,
        events: [...events],
        secretVersion,
        createdBy: origin.actor,
      });
      const details = { webhookId: id, to: placeOf(url), events };
      await recordEvent(manager, { action: 'webhook.created', origin, details });
      return manager.findOneByOrFail(WebhookEndpointEntity, { id });
    });
    return webhook === undefined ? { outcome: 'too_many' } : { outcome: 'created', webhook, secret };
  }
}
