import type { Provider } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { databaseClock } from '../database/wall-clock.js';
import type { KeysSettings } from '../keys-settings.js';
import { CreateWebhook } from './create-webhook.js';
import { EndpointStates } from './endpoint-states.js';
import { FindWebhooks } from './find-webhooks.js';
import { ListWebhookDeliveries } from './list-webhook-deliveries.js';
import { PostWebhook } from './post-webhook.js';
import { RemoveWebhook } from './remove-webhook.js';
import { ReplayWebhookDelivery } from './replay-webhook-delivery.js';
import { RotateWebhookSecret } from './rotate-webhook-secret.js';
import { TestWebhook } from './test-webhook.js';
import { UpdateWebhook } from './update-webhook.js';
import { WebhookChannel } from './webhook-channel.js';
import { WebhookMetrics } from './webhook-metrics.js';
import { WebhookSigner } from './webhook-signer.js';
import { WebhookUrlRule } from './webhook-url.js';

/** Webhooks: what people do with them, and what sends events to them. */
export function webhookProviders(
  { WEBHOOK_SECRET, WEBHOOK_ALLOW_PRIVATE: allowPrivate }: KeysSettings,
  database: DataSource,
): Provider[] {
  return [
    CreateWebhook,
    FindWebhooks,
    UpdateWebhook,
    RemoveWebhook,
    RotateWebhookSecret,
    TestWebhook,
    ListWebhookDeliveries,
    ReplayWebhookDelivery,
    WebhookChannel,
    WebhookMetrics,
    { provide: EndpointStates, useValue: new EndpointStates(database, databaseClock) },
    { provide: WebhookSigner, useValue: new WebhookSigner(WEBHOOK_SECRET) },
    { provide: WebhookUrlRule, useValue: new WebhookUrlRule(allowPrivate) },
    { provide: PostWebhook, useValue: new PostWebhook({ allowPrivate }) },
  ];
}
