import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { KeyId } from '#libs/key-format';
import type { Propagation } from '#libs/revocations';
import type { Origin } from '../audit/origin.js';
import { recordEvent } from '../audit/record-event.js';
import { ApiKeyEntity } from '../database/api-key.entity.js';
import { hasPassed } from '../database/has-passed.js';
import { PropagatedChanges } from '../revocation/propagated-changes.js';

/** Which key expires, and when. */
export interface ExpireRequest {
  readonly id: KeyId;
  readonly expiresAt: Date;
  /** If given, only a key of this owner: any other is `unknown`. */
  readonly ownerId: string | null;
  readonly origin: Origin;
}

/** Why a key cannot get that expiry. `earlier_already`: it expires before that, and an expiry is never moved back. */
export type ExpiryRefused =
  | { readonly outcome: 'unknown' | 'in_past' | 'revoked' | 'expired' }
  | { readonly outcome: 'earlier_already'; readonly expiresAt: Date };

/** `set`: every gateway knows the expiry, whether this call set it or an earlier one. */
export type Expired =
  { readonly outcome: 'set'; readonly key: ApiKeyEntity; readonly effect: Propagation } | ExpiryRefused;

@Injectable()
export class ExpireKey {
  constructor(private readonly changes: PropagatedChanges) {}

  /** Makes a key expire earlier than it would, and returns once every gateway knows. */
  async execute(request: ExpireRequest): Promise<Expired> {
    const { result, effect } = await this.changes.commit(async (manager) => {
      const result = await this.#set(manager, request);
      // Also when that expiry is set already: the call that set it may still be waiting for gateways.
      return { result, invalidates: result.outcome === 'set' ? { kind: 'key', id: request.id } : null };
    });
    if (result.outcome !== 'set') return result;
    if (effect === null) throw new Error('an expiry was set without being propagated');
    return { ...result, effect };
  }

  /** Locks the row, so that the second of two concurrent calls sees what the first has done. */
  async #set(
    manager: EntityManager,
    { id, expiresAt, ownerId, origin }: ExpireRequest,
  ): Promise<{ outcome: 'set'; key: ApiKeyEntity } | ExpiryRefused> {
    const key = await manager.findOne(ApiKeyEntity, {
      where: ownerId === null ? { id } : { id, ownerId },
      lock: { mode: 'for_no_key_update' },
    });
    if (key === null) return { outcome: 'unknown' };
    const refused = refusal(key, expiresAt, await hasPassed(manager, expiresAt));
    if (refused !== undefined) return refused;
    if (key.expiresAt?.getTime() === expiresAt.getTime()) return { outcome: 'set', key };

    const details = { expiresAt, before: key.expiresAt };
    await manager.update(ApiKeyEntity, { id }, { expiresAt, expirySetAt: () => 'now()' });
    await recordEvent(manager, {
      action: 'key.expiry_set',
      origin,
      ownerId: key.ownerId,
      keyId: id,
      details,
    });
    return { outcome: 'set', key: await manager.findOneByOrFail(ApiKeyEntity, { id }) };
  }
}

function refusal(key: ApiKeyEntity, expiresAt: Date, isPast: boolean): ExpiryRefused | undefined {
  if (key.revokedAt !== null) return { outcome: 'revoked' };
  if (key.hasExpired) return { outcome: 'expired' };
  if (isPast) return { outcome: 'in_past' };
  if (key.expiresAt !== null && key.expiresAt < expiresAt)
    return { outcome: 'earlier_already', expiresAt: key.expiresAt };
  return undefined;
}
