import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type KeyId, keyIdToUuid } from '#libs/key-format';
import type { KeyState } from '#libs/keys-contract';
import { ApiKeyEntity } from '../database/api-key.entity.js';

/** Which keys of an owner, at most `limit`, after the key at the cursor. */
export interface KeyFilter {
  readonly ownerId: string;
  readonly state: KeyState | 'all';
  readonly limit: number;
  readonly cursor: KeyId | null;
}

/** A page, newest first, and where the next one starts. */
export interface KeyList {
  readonly keys: readonly ApiKeyEntity[];
  readonly nextCursor: KeyId | null;
}

const CONDITIONS: Readonly<Record<KeyState | 'all', string>> = {
  active: 'key.revoked_at IS NULL AND (key.expires_at IS NULL OR key.expires_at > now())',
  expired: 'key.revoked_at IS NULL AND key.expires_at <= now()',
  revoked: 'key.revoked_at IS NOT NULL',
  all: 'true',
};

@Injectable()
export class ListKeys {
  constructor(private readonly database: DataSource) {}

  /** An owner's keys; none if the owner is unknown. IDs sort by creation time, so they serve as cursors. */
  async execute({ ownerId, state, limit, cursor }: KeyFilter): Promise<KeyList> {
    const query = this.database
      .getRepository(ApiKeyEntity)
      .createQueryBuilder('key')
      .where('key.owner_id = :ownerId', { ownerId })
      .andWhere(CONDITIONS[state])
      .orderBy('key.id', 'DESC')
      .limit(limit + 1);
    if (cursor !== null) query.andWhere('key.id < :after', { after: keyIdToUuid(cursor) });
    const found = await query.getMany();
    const keys = found.slice(0, limit);
    return { keys, nextCursor: found.length > limit ? (keys.at(-1)?.id ?? null) : null };
  }
}
