import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { RevocationPublisher, systemClock } from '#libs/revocations';
import { recordEvent } from '../audit/record-event.js';
import { OwnerEntity } from '../database/owner.entity.js';

/** An owner as the dashboard knows them. */
export interface OwnerFacts {
  readonly id: string;
  readonly email: string;
  readonly role: string;
  readonly tier: string;
}

@Injectable()
export class PutOwner {
  constructor(
    private readonly database: DataSource,
    private readonly publisher: RevocationPublisher,
  ) {}

  /** Makes an owner known, or changes what is known. That shows at every gateway once this has returned. */
  async execute(facts: OwnerFacts, actor: string): Promise<OwnerEntity> {
    const { owner, isNew } = await this.database.transaction(async (manager) => {
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
      return { owner: Object.assign(owner, details), isNew };
    });
    // Also when nothing changed: the call that changed it may not be done yet.
    if (!isNew) await this.publisher.publish({ kind: 'owner', id: owner.id }, systemClock.now());
    return owner;
  }
}

/** Whether the owner was new. Of several that make the same one at once, one does. */
async function insert(manager: EntityManager, facts: OwnerFacts): Promise<boolean> {
  const { id, email, role, tier } = facts;
  const sql = `INSERT INTO owners (id, email, role, tier) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING id`;
  const rows: unknown = await manager.query(sql, [id, email, role, tier]);
  return Array.isArray(rows) && rows.length > 0;
}
