import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { KeyId } from '#libs/key-format';
import type { Propagation } from '#libs/revocations';
import type { Origin } from '../audit/origin.js';
import { recordEvent } from '../audit/record-event.js';
import { ApiKeyEntity } from '../database/api-key.entity.js';
import { PropagatedChanges } from '../revocation/propagated-changes.js';

/** Which key is paused or resumed. */
export interface PauseRequest {
  readonly id: KeyId;
  /** If given, only a key of this owner: any other is `unknown`. */
  readonly ownerId: string | null;
  readonly origin: Origin;
}

/** Why a key can be neither paused nor resumed. */
export interface PauseRefused {
  readonly outcome: 'unknown' | 'revoked' | 'expired';
}

/** `set`: every gateway knows, whether this call paused or resumed the key or an earlier one. */
export type Paused =
  { readonly outcome: 'set'; readonly key: ApiKeyEntity; readonly effect: Propagation } | PauseRefused;

@Injectable()
export class PauseKey {
  constructor(private readonly changes: PropagatedChanges) {}

  /** Pauses a key: once this has returned, no gateway accepts it. It stays the same key, and can be resumed. */
  pause(request: PauseRequest): Promise<Paused> {
    return this.#set(request, true);
  }

  /** Resumes a key: once this has returned, every gateway accepts it again. */
  resume(request: PauseRequest): Promise<Paused> {
    return this.#set(request, false);
  }

  async #set(request: PauseRequest, paused: boolean): Promise<Paused> {
    const { result, effect } = await this.changes.commit(async (manager) => {
      const result = await store(manager, request, paused);
      // Also when it is so already: the call that did it may still be waiting for gateways.
      return { result, invalidates: result.outcome === 'set' ? { kind: 'key', id: request.id } : null };
    });
    if (result.outcome !== 'set') return result;
    if (effect === null) throw new Error('a pause was set without being propagated');
    return { ...result, effect };
  }
}

/** Locks the row, so that the second of two concurrent calls sees what the first has done. */
async function store(
  manager: EntityManager,
  { id, ownerId, origin }: PauseRequest,
  paused: boolean,
): Promise<{ outcome: 'set'; key: ApiKeyEntity } | PauseRefused> {
  const key = await manager.findOne(ApiKeyEntity, {
    where: ownerId === null ? { id } : { id, ownerId },
    lock: { mode: 'for_no_key_update' },
  });
  if (key === null) return { outcome: 'unknown' };
  if (key.revokedAt !== null) return { outcome: 'revoked' };
  if (key.hasExpired) return { outcome: 'expired' };
  if ((key.pausedAt !== null) === paused) return { outcome: 'set', key };
  await manager.update(ApiKeyEntity, { id }, { pausedAt: paused ? () => 'now()' : null });
  const action = paused ? 'key.paused' : 'key.resumed';
  await recordEvent(manager, { action, origin, ownerId: key.ownerId, keyId: id });
  return { outcome: 'set', key: await manager.findOneByOrFail(ApiKeyEntity, { id }) };
}
