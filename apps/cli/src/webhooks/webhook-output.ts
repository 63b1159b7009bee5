import type { Webhook, WebhookDelivery } from '#libs/keys-contract';
import { minute, table } from '../output.js';

/** Webhooks as a table. */
export function webhookTable(webhooks: readonly Webhook[]): string {
  const header = ['ID', 'URL', 'EVENTS', 'STATE', 'DESCRIPTION'];
  const rows = webhooks.map((webhook) => [
    webhook.id,
    webhook.url,
    webhook.events.length === 0 ? 'all' : webhook.events.join(' '),
    stateOf(webhook),
    webhook.description ?? '',
  ]);
  return table([header, ...rows]);
}

export function webhookDetails(webhook: Webhook): string {
  return table([
    ['id', webhook.id],
    ['url', webhook.url],
    ...(webhook.description === null ? [] : [['description', webhook.description]]),
    ['events', webhook.events.length === 0 ? 'all' : webhook.events.join(' ')],
    ['state', stateOf(webhook)],
    ...(webhook.publicKey === null ? [] : [['public key', webhook.publicKey]]),
    ['secret version', String(webhook.secretVersion)],
    ['created', `${webhook.createdAt} by ${webhook.createdBy}`],
  ]);
}

/** Deliveries as a table. */
export function deliveryTable(deliveries: readonly WebhookDelivery[]): string {
  const header = ['ID', 'EVENT', 'SUBJECT', 'STATE', 'ATTEMPTS', 'CREATED', 'NEXT ATTEMPT', 'LAST ERROR'];
  const rows = deliveries.map((delivery) => [
    delivery.id,
    delivery.event,
    delivery.subject,
    delivery.state,
    String(delivery.attempts),
    minute(delivery.createdAt),
    delivery.nextAttemptAt === null ? '' : minute(delivery.nextAttemptAt),
    delivery.lastError ?? '',
  ]);
  return table([header, ...rows]);
}

function stateOf({ enabled, disabledReason, failingSince }: Webhook): string {
  if (!enabled) return disabledReason === null ? 'disabled' : `disabled (${disabledReason})`;
  return failingSince === null ? 'working' : `failing since ${minute(failingSince)}`;
}
