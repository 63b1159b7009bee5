import type { EntityManager } from 'typeorm';
import type { AuditAction } from '#libs/keys-contract';
import type { KeyId } from '#libs/key-format';
import { AuditEventEntity } from '../database/audit-event.entity.js';
import { putWebhookEvents } from '../webhooks/put-webhook-events.js';
import type { Origin } from './origin.js';

/** Something that happened. `details` are public: names and capabilities, never a secret. */
export interface AuditRecord {
  readonly action: AuditAction;
  readonly origin: Origin;
  /** Left out: it is about no owner. That is stored as an empty text, since version 0.1.0 reads a text there. */
  readonly ownerId?: string;
  readonly keyId?: KeyId;
  readonly details?: object;
}

/** Records an event through `manager`, and tells webhooks of it, in the same transaction as the change itself. */
export async function recordEvent(manager: EntityManager, record: AuditRecord): Promise<void> {
  const { action, origin, ownerId = '', keyId = null, details = {} } = record;
  await manager.insert(AuditEventEntity, { action, ...origin, ownerId, keyId, details });
  await putWebhookEvents(manager, { action, actor: origin.actor, ownerId, keyId, details });
}
