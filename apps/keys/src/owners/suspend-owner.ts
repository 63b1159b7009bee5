import { Injectable } from '@nestjs/common';
import { IsNull, Not } from 'typeorm';
import type { Origin } from '../audit/origin.js';
import { recordEvent } from '../audit/record-event.js';
import { OwnerEntity } from '../database/owner.entity.js';
import { PropagatedChanges } from '../revocation/propagated-changes.js';

@Injectable()
export class SuspendOwner {
  constructor(private readonly changes: PropagatedChanges) {}

  /** Suspends an owner: once this has returned, none of their keys is accepted anywhere. Null if there is no such owner. */
  suspend(id: string, origin: Origin): Promise<OwnerEntity | null> {
    return this.#set(id, origin, true);
  }

  /** Accepts an owner's keys again. */
  resume(id: string, origin: Origin): Promise<OwnerEntity | null> {
    return this.#set(id, origin, false);
  }

  async #set(id: string, origin: Origin, suspended: boolean): Promise<OwnerEntity | null> {
    const { result } = await this.changes.commit(async (manager) => {
      const { affected } = await manager.update(
        OwnerEntity,
        { id, suspendedAt: suspended ? IsNull() : Not(IsNull()) },
        { suspendedAt: suspended ? () => 'now()' : null },
      );
      if (affected === 1) {
        const action = suspended ? 'owner.suspended' : 'owner.resumed';
        await recordEvent(manager, { action, origin, ownerId: id });
      }
      const owner = await manager.findOneBy(OwnerEntity, { id });
      return { result: owner, invalidates: owner && { kind: 'owner', id } };
    });
    return result;
  }
}
