import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type KeyId, keyIdToUuid } from '#libs/key-format';
import type { KeyState } from '#libs/keys-contract';
import { ApiKeyEntity } from '../database/api-key.entity.js';
import { type Page, pageOf } from '../database/page.js';

/** Which keys, at most `limit`, after the key at the cursor. */
export interface KeyFilter {
  readonly ownerId: string | undefined;
  readonly state: KeyState | 'all';
  readonly capability: string | undefined;
  readonly limit: number;
  readonly cursor: KeyId | undefined;
}

const CONDITIONS: Readonly<Record<KeyState | 'all', string>> = {
  active:
    'key.paused_at IS NULL AND key.revoked_at IS NULL AND (key.expires_at IS NULL OR key.expires_at > now())',
  paused:
    'key.paused_at IS NOT NULL AND key.revoked_at IS NULL AND (key.expires_at IS NULL OR key.expires_at > now())',
  expired: 'key.revoked_at IS NULL AND key.expires_at <= now()',
  revoked: 'key.revoked_at IS NOT NULL',
  all: 'true',
};

@Injectable()
export class ListKeys {
  constructor(private readonly database: DataSource) {}

  /** Keys, newest first; none if the owner is unknown. IDs sort by creation time, so they serve as cursors. */
  async execute({ ownerId, state, capability, limit, cursor }: KeyFilter): Promise<Page<ApiKeyEntity>> {
    const query = this.database
      .getRepository(ApiKeyEntity)
      .createQueryBuilder('key')
      .where(CONDITIONS[state])
      .orderBy('key.id', 'DESC')
      .limit(limit + 1);
    if (ownerId !== undefined) query.andWhere('key.owner_id = :ownerId', { ownerId });
    if (capability !== undefined) query.andWhere(':capability = ANY (key.capabilities)', { capability });
    if (cursor !== undefined) query.andWhere('key.id < :cursor', { cursor: keyIdToUuid(cursor) });
    return pageOf(await query.getMany(), limit);
  }
}
