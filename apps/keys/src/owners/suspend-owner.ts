import { Injectable } from '@nestjs/common';
import { DataSource, IsNull, Not } from 'typeorm';
import { RevocationPublisher, systemClock } from '#libs/revocations';
import { recordEvent } from '../audit/record-event.js';
import { OwnerEntity } from '../database/owner.entity.js';

@Injectable()
export class SuspendOwner {
  constructor(
    private readonly database: DataSource,
    private readonly publisher: RevocationPublisher,
  ) {}

  /** Suspends an owner: once this has returned, none of their keys is accepted anywhere. Null: nobody knows them. */
  suspend(id: string, actor: string): Promise<OwnerEntity | null> {
    return this.#set(id, actor, true);
  }

  /** Lets an owner's keys work again. */
  resume(id: string, actor: string): Promise<OwnerEntity | null> {
    return this.#set(id, actor, false);
  }

  async #set(id: string, actor: string, suspended: boolean): Promise<OwnerEntity | null> {
    const owner = await this.database.transaction(async (manager) => {
      const { affected } = await manager.update(
        OwnerEntity,
        { id, suspendedAt: suspended ? IsNull() : Not(IsNull()) },
        { suspendedAt: suspended ? () => 'now()' : null },
      );
      if (affected === 1) {
        const action = suspended ? 'owner.suspended' : 'owner.resumed';
        await recordEvent(manager, { action, actor, ownerId: id });
      }
      return manager.findOneBy(OwnerEntity, { id });
    });
    if (owner !== null) await this.publisher.publish({ kind: 'owner', id }, systemClock.now());
    return owner;
  }
}
