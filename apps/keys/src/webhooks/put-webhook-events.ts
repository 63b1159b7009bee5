import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import type { KeyId } from '#libs/key-format';
import { ApiKeyEntity } from '../database/api-key.entity.js';
import { OwnerEntity } from '../database/owner.entity.js';
import { putDelivery } from '../deliveries/put-delivery.js';
import { EVENTS_OF_ACTIONS, webhookEventOf } from './webhook-event.js';
import { WEBHOOK_CHANNEL } from './webhook-channel-name.js';

/** What the audit log records about a change, and what a webhook may tell of it. */
interface Recorded {
  readonly action: string;
  readonly actor: string;
  readonly ownerId: string;
  readonly keyId: KeyId | null;
  readonly details: object;
}

const interested = z.array(z.object({ id: z.string(), now: z.date() }));

/**
 * Adds a delivery for each webhook that wants to hear of the change, in the transaction that makes it. Where there are no
 * webhooks, this costs one statement on an empty table.
 */
export async function putWebhookEvents(manager: EntityManager, recorded: Recorded): Promise<void> {
  const { action, actor, ownerId, keyId, details } = recorded;
  const type = EVENTS_OF_ACTIONS[action];
  if (type === undefined) return;
  const sql = `SELECT id, now() FROM webhook_endpoints WHERE enabled AND (events = '{}' OR $1 = ANY (events))`;
  const webhooks = interested.parse(await manager.query(sql, [type]));
  const [first] = webhooks;
  if (first === undefined) return;
  const key = keyId === null ? null : await manager.findOneByOrFail(ApiKeyEntity, { id: keyId });
  const owner = key === null ? await manager.findOneByOrFail(OwnerEntity, { id: ownerId }) : null;
  const message = webhookEventOf({ type, at: first.now, actor, details, key, owner });
  for (const { id } of webhooks)
    await putDelivery(manager, {
      channel: WEBHOOK_CHANNEL,
      destination: id,
      subject: keyId ?? ownerId,
      message,
    });
}
