import type { EntityManager } from 'typeorm';
import type { AuditAction } from '#libs/keys-contract';
import { AuditEventEntity } from '../database/audit-event.entity.js';
import type { Origin } from './origin.js';

/** Something that happened. `details` are public: names and capabilities, never a secret. */
export interface AuditRecord {
  readonly action: AuditAction;
  readonly origin: Origin;
  readonly ownerId: string;
  readonly keyId?: string;
  readonly details?: object;
}

/** Records an event through `manager`, in the same transaction as the change itself. */
export async function recordEvent(manager: EntityManager, record: AuditRecord): Promise<void> {
  const { action, origin, ownerId, keyId = null, details = {} } = record;
  await manager.insert(AuditEventEntity, { action, ...origin, ownerId, keyId, details });
}
