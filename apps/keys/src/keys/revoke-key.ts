import { Injectable } from '@nestjs/common';
import { DataSource, IsNull } from 'typeorm';
import type { KeyId } from '#libs/key-format';
import { type Effect, RevocationPublisher, systemClock } from '#libs/revocations';
import { recordEvent } from '../audit/record-event.js';
import { ApiKeyEntity } from '../database/api-key.entity.js';

/** Which key to revoke, and why. */
export interface RevokeRequest {
  readonly id: KeyId;
  /** When given, only a key of this owner: any other is `unknown`. */
  readonly ownerId: string | null;
  readonly actor: string;
  readonly reason: string | null;
}

/** `revoked`: no gateway accepts the key any more, whether this call revoked it or an earlier one. */
export type Revoked =
  | {
      readonly outcome: 'revoked';
      readonly key: ApiKeyEntity;
      readonly revokedAt: Date;
      readonly effect: Effect;
    }
  | { readonly outcome: 'unknown' };

@Injectable()
export class RevokeKey {
  constructor(
    private readonly database: DataSource,
    private readonly publisher: RevocationPublisher,
  ) {}

  /** Revokes a key and returns once that is in effect everywhere. */
  async execute(request: RevokeRequest): Promise<Revoked> {
    const key = await this.#commit(request);
    if (key?.revokedAt == null) return { outcome: 'unknown' };
    // Read after the commit is confirmed: from here on, every look at the row finds it revoked. A key that was revoked
    // already waits the same way, since the call that revoked it may not be done yet.
    const committedAt = systemClock.now();
    const effect = await this.publisher.publish({ kind: 'key', id: key.id }, committedAt);
    return { outcome: 'revoked', key, revokedAt: key.revokedAt, effect };
  }

  /** The key as it is after the commit, or null when there is none such. */
  #commit({ id, ownerId, actor, reason }: RevokeRequest): Promise<ApiKeyEntity | null> {
    return this.database.transaction(async (manager) => {
      const which = ownerId === null ? { id } : { id, ownerId };
      const { affected } = await manager.update(
        ApiKeyEntity,
        { ...which, revokedAt: IsNull() },
        { revokedAt: () => 'now()', revokedBy: actor, revocationReason: reason },
      );
      const key = await manager.findOneBy(ApiKeyEntity, which);
      if (key !== null && affected === 1) {
        const details = { reason };
        await recordEvent(manager, {
          action: 'key.revoked',
          actor,
          ownerId: key.ownerId,
          keyId: id,
          details,
        });
      }
      return key;
    });
  }
}
