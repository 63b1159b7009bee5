import type { Webhook } from '#libs/keys-contract';
import type { WebhookEndpointEntity } from './webhook-endpoint.entity.js';
import type { WebhookSigner } from './webhook-signer.js';

/** A webhook as the management API shows it. */
export function webhookViewOf(endpoint: WebhookEndpointEntity, signer: WebhookSigner): Webhook {
  const { id, url, description, events, enabled, disabledReason, secretVersion, createdBy } = endpoint;
  return {
    id,
    url,
    description,
    events,
    enabled,
    disabledReason,
    failingSince: endpoint.failingSince?.toISOString() ?? null,
    secretVersion,
    publicKey: signer.isSetUp ? signer.keysOf(id, secretVersion).publicKey : null,
    createdAt: endpoint.createdAt.toISOString(),
    createdBy,
  };
}
