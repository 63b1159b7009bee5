import { z } from 'zod';
import { type WebhookEvent, WEBHOOK_TEST_EVENT } from '#libs/keys-contract';
import { newKeyId } from '#libs/key-format';
import type { ApiKeyEntity } from '../database/api-key.entity.js';
import { stateOf } from '../keys/key-view.js';

/** What the audit log records of keys and owners, and how webhooks call it. Other actions are not sent. */
export const EVENTS_OF_ACTIONS: Readonly<Partial<Record<string, WebhookEvent>>> = {
  'key.issued': 'api_key.created',
  'key.expiring': 'api_key.expiring',
  'key.expired': 'api_key.expired',
  'key.paused': 'api_key.paused',
  'key.resumed': 'api_key.resumed',
  'key.revoked': 'api_key.revoked',
  'key.exposed': 'api_key.exposed',
  'key.unused': 'api_key.unused',
  'owner.suspended': 'owner.suspended',
  'owner.resumed': 'owner.resumed',
};

/** What is sent of the details that the audit log has: no address of a person is among them. */
const SENT_DETAILS: readonly string[] = ['reason', 'source', 'url', 'daysLeft', 'revokeAt'];

/**
 * An event as it waits to be sent. A later version may have added to it: what this one does not know is sent as it is.
 * `id` is the `webhook-id`, the rest is the body.
 */
export const webhookEventSchema = z.looseObject({
  id: z.string(),
  type: z.string(),
  timestamp: z.string(),
  data: z.looseObject({}),
});
export type StoredWebhookEvent = z.output<typeof webhookEventSchema>;

/** What has happened, and to whom: exactly one of `key` and `owner`. */
export interface Happening {
  readonly type: WebhookEvent;
  readonly at: Date;
  readonly actor: string;
  readonly details: object;
  readonly key: ApiKeyEntity | null;
  readonly owner: { readonly id: string; readonly suspendedAt: Date | null } | null;
}

/** The event about it. There is nothing secret in it. */
export function webhookEventOf({ type, at, actor, details, key, owner }: Happening): StoredWebhookEvent {
  return newEvent(type, at, {
    ...(key !== null && { key: keyFacts(key) }),
    ...(owner !== null && {
      owner: { id: owner.id, suspendedAt: owner.suspendedAt?.toISOString() ?? null },
    }),
    actor,
    ...Object.fromEntries(
      Object.entries(details).filter(([name, value]) => SENT_DETAILS.includes(name) && value !== null),
    ),
  });
}

/** The event by which people see that a webhook works. */
export function webhookTestEvent(webhookId: string, at: Date, actor: string): StoredWebhookEvent {
  return newEvent(WEBHOOK_TEST_EVENT, at, { webhook: { id: webhookId }, actor });
}

function newEvent(type: string, at: Date, data: object): StoredWebhookEvent {
  return { id: `msg_${newKeyId()}`, type, timestamp: at.toISOString(), data: { ...data } };
}

/** Those of a key's facts that a receiver may know, in the state in which the event has left it. */
function keyFacts(key: ApiKeyEntity): object {
  return {
    id: key.id,
    last4: key.last4,
    name: key.name,
    capabilities: key.capabilities,
    ownerId: key.ownerId,
    state: stateOf(key),
    createdAt: key.createdAt.toISOString(),
    expiresAt: key.expiresAt?.toISOString() ?? null,
    lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
    exposedAt: key.exposedAt?.toISOString() ?? null,
    pausedAt: key.pausedAt?.toISOString() ?? null,
    revokedAt: key.revokedAt?.toISOString() ?? null,
    replaces: key.replaces,
  };
}
