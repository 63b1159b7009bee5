import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { recordEvent } from '../audit/record-event.js';
import { OwnerEntity } from '../database/owner.entity.js';
import { EffectiveChanges } from '../revocation/effective-changes.js';

/** An owner as the dashboard knows them. */
export interface OwnerFacts {
  readonly id: string;
  readonly email: string;
  readonly role: string;
  readonly tier: string;
}

@Injectable()
export class PutOwner {
  constructor(private readonly changes: EffectiveChanges) {}

  /** Makes an owner known, or changes what is known. That shows at every gateway once this has returned. */
  async execute(facts: OwnerFacts, actor: string): Promise<OwnerEntity> {
    const { result } = await this.changes.commit(async (manager) => {
      const { id, email, role, tier } = facts;
      const details = { email, role, tier };
      const isNew = await insert(manager, facts);
      if (isNew) await recordEvent(manager, { action: 'owner.created', actor, ownerId: id, details });
      const owner = await manager.findOneOrFail(OwnerEntity, {
        where: { id },
        lock: { mode: 'pessimistic_write' },
      });
      if (owner.email !== email || owner.role !== role || owner.tier !== tier) {
        await manager.update(OwnerEntity, { id }, details);
        await recordEvent(manager, { action: 'owner.changed', actor, ownerId: id, details });
      }
      // Gateways are concerned also when nothing changed: the call that changed it may not be done yet.
      return { result: Object.assign(owner, details), concerns: isNew ? null : { kind: 'owner', id } };
    });
    return result;
  }
}

/** Whether the owner was new. Of several that make the same one at once, one does. */
async function insert(manager: EntityManager, facts: OwnerFacts): Promise<boolean> {
  const { id, email, role, tier } = facts;
  const sql = `INSERT INTO owners (id, email, role, tier) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING id`;
  const rows: unknown = await manager.query(sql, [id, email, role, tier]);
  return Array.isArray(rows) && rows.length > 0;
}
