import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
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

  /** Makes an owner known, or changes what is known. A change shows at every gateway once this has returned. */
  async execute(facts: OwnerFacts, actor: string): Promise<OwnerEntity> {
    const { owner, changed } = await this.database.transaction(async (manager) => {
      const { id, email, role, tier } = facts;
      const before = await manager.findOne(OwnerEntity, {
        where: { id },
        lock: { mode: 'pessimistic_write' },
      });
      const changed =
        before !== null && (before.email !== email || before.role !== role || before.tier !== tier);
      if (before === null || changed) {
        await manager.upsert(OwnerEntity, { id, email, role, tier }, ['id']);
        const action = before === null ? 'owner.created' : 'owner.changed';
        await recordEvent(manager, { action, actor, ownerId: id, details: { email, role, tier } });
      }
      return { owner: await manager.findOneByOrFail(OwnerEntity, { id }), changed };
    });
    if (changed) await this.publisher.publish({ kind: 'owner', id: owner.id }, systemClock.now());
    return owner;
  }
}
