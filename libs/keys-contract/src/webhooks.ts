import * as z from 'zod/mini';
import type { ChangeRequest, PageRequest } from './management-requests.js';

/*
 * Webhooks of a deployment: requests to an address of the operator's about what happens to keys and owners, by Standard
 * Webhooks 1.0.0. docs/webhooks.md says what a receiver does.
 */

/** RFC 3339, in UTC. */
const timestamp = z.iso.datetime();

/** What webhooks tell, and when. An endpoint can be restricted to some of them. */
export const WEBHOOK_EVENTS = {
  'api_key.created': 'A key was created.',
  'api_key.expiring': 'A key is about to expire.',
  'api_key.expired': 'A key has expired.',
  'api_key.paused': 'A key was paused.',
  'api_key.resumed': 'A paused key was resumed.',
  'api_key.revoked': 'A key was revoked.',
  'api_key.exposed': 'A key was found where it does not belong, such as in a public repository.',
  'api_key.unused': 'A key has not been used for long, and is about to be revoked.',
  'owner.suspended': 'An owner was suspended, and so all their keys.',
  'owner.resumed': 'A suspended owner was resumed.',
} as const;
export type WebhookEvent = keyof typeof WEBHOOK_EVENTS;

/** The event that `POST /webhooks/:webhookId/test` sends, whatever events the endpoint is for. */
export const WEBHOOK_TEST_EVENT = 'webhook.test';

/** The most webhooks of a deployment: each costs every event a row. */
export const MAX_WEBHOOKS = 20;

/** The longest URL of a webhook, and the longest description, in characters. */
export const MAX_WEBHOOK_URL = 2000;
export const MAX_WEBHOOK_DESCRIPTION = 200;

/** An address that events are sent to. */
export const webhookSchema = z.object({
  id: z.string(),
  url: z.string(),
  description: z.nullable(z.string()),
  /** The events that are sent; none: all of them, also those of later versions. */
  events: z.readonly(z.array(z.string())),
  enabled: z.boolean(),
  /** Why it is not enabled, if that was not a person's decision. */
  disabledReason: z.nullable(z.string()),
  /** Since when deliveries fail; null: the last one did not. */
  failingSince: z.nullable(timestamp),
  /** Rises with each rotation of the secret. */
  secretVersion: z.int(),
  /** The public key of the `v1a` signatures (Ed25519), as `whpk_` and base64. Null: `WEBHOOK_SECRET` is not set. */
  publicKey: z.nullable(z.string()),
  createdAt: timestamp,
  createdBy: z.string(),
});
export type Webhook = Readonly<z.output<typeof webhookSchema>>;

/** All webhooks, oldest first. */
export const webhookListSchema = z.object({ webhooks: z.readonly(z.array(webhookSchema)) });
export type WebhookList = Readonly<z.output<typeof webhookListSchema>>;

/** A webhook with the secret of its `v1` signatures (HMAC-SHA-256), which is shown this once. */
export const webhookWithSecretSchema = z.object({
  webhook: webhookSchema,
  /** `whsec_` and base64. */
  secret: z.string(),
});
export type WebhookWithSecret = Readonly<z.output<typeof webhookWithSecretSchema>>;

/** An event on its way to a webhook. */
export const webhookDeliverySchema = z.object({
  id: z.string(),
  /** The `webhook-id` that the receiver gets, the same for each attempt and replay. */
  eventId: z.string(),
  /** Such as `api_key.revoked`. */
  event: z.string(),
  /** The ID of the key, owner or webhook that it is about: what is about the same one arrives in order. */
  subject: z.string(),
  /** `pending`, `delivered` or `failed`, or a state that a newer version knows. */
  state: z.string(),
  attempts: z.int(),
  createdAt: timestamp,
  deliveredAt: z.nullable(timestamp),
  failedAt: z.nullable(timestamp),
  /** When it is tried next; null: never. */
  nextAttemptAt: z.nullable(timestamp),
  /** Why the last attempt failed. */
  lastError: z.nullable(z.string()),
});
export type WebhookDelivery = Readonly<z.output<typeof webhookDeliverySchema>>;

/** A page of deliveries, newest first. */
export const webhookDeliveryPageSchema = z.object({
  deliveries: z.readonly(z.array(webhookDeliverySchema)),
  nextCursor: z.nullable(z.string()),
});
export type WebhookDeliveryPage = Readonly<z.output<typeof webhookDeliveryPageSchema>>;

export const DELIVERY_STATES = ['pending', 'delivered', 'failed'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** `PATCH /webhooks/:webhookId`: what changes. */
export interface WebhookChangeRequest extends ChangeRequest {
  /** With `https:`; with `http:` only where `WEBHOOK_ALLOW_PRIVATE` is set. */
  readonly url?: string;
  /** What it is for, on one line. Null: none. */
  readonly description?: string | null;
  /** The events to send, such as `api_key.revoked`. An empty list: all of them. */
  readonly events?: readonly string[];
  /** Whether events are sent. */
  readonly enabled?: boolean;
}

/** `POST /webhooks`. */
export interface WebhookRequest extends WebhookChangeRequest {
  readonly url: string;
}

/** `GET /webhooks/:webhookId/deliveries`. */
export interface DeliveryFilter extends PageRequest {
  /** Default: all. */
  readonly state?: DeliveryState;
}
