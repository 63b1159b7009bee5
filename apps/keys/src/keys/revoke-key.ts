import { Injectable } from '@nestjs/common';
import { type EntityManager, IsNull } from 'typeorm';
import type { KeyId } from '#libs/key-format';
import type { Propagation } from '#libs/revocations';
import type { Origin } from '../audit/origin.js';
import { recordEvent } from '../audit/record-event.js';
import { ApiKeyEntity } from '../database/api-key.entity.js';
import { PropagatedChanges } from '../revocation/propagated-changes.js';

/** Which key to revoke, and why. */
export interface RevokeRequest {
  readonly id: KeyId;
  /** If given, only a key of this owner: any other is `unknown`. */
  readonly ownerId: string | null;
  readonly origin: Origin;
  readonly reason: string | null;
}

/** `revoked`: no gateway accepts the key any more, whether this call revoked it or an earlier one. */
export type Revoked =
  | {
      readonly outcome: 'revoked';
      readonly key: ApiKeyEntity;
      readonly revokedAt: Date;
      readonly effect: Propagation;
    }
  | { readonly outcome: 'unknown' };

@Injectable()
export class RevokeKey {
  constructor(private readonly changes: PropagatedChanges) {}

  /** Revokes a key, and returns once that is in effect everywhere. */
  async execute(request: RevokeRequest): Promise<Revoked> {
    const { result: key, effect } = await this.changes.commit(async (manager) => {
      const key = await markRevoked(manager, request);
      // Also when it is revoked already: the call that revoked it may still be waiting for gateways.
      return { result: key, invalidates: key && { kind: 'key', id: key.id } };
    });
    if (key?.revokedAt == null || effect === null) return { outcome: 'unknown' };
    return { outcome: 'revoked', key, revokedAt: key.revokedAt, effect };
  }
}

/** The key, revoked, or null if there is no such key. Commit it by `PropagatedChanges`, or gateways do not learn of it. */
export async function markRevoked(
  manager: EntityManager,
  { id, ownerId, origin, reason }: RevokeRequest,
): Promise<ApiKeyEntity | null> {
  const which = ownerId === null ? { id } : { id, ownerId };
  const { affected } = await manager.update(
    ApiKeyEntity,
    { ...which, revokedAt: IsNull() },
    { revokedAt: () => 'now()', revokedBy: origin.actor, revocationReason: reason },
  );
  const key = await manager.findOneBy(ApiKeyEntity, which);
  if (key !== null && affected === 1) {
    const details = { reason };
    await recordEvent(manager, {
      action: 'key.revoked',
      origin,
      ownerId: key.ownerId,
      keyId: id,
      details,
    });
  }
  return key;
}
