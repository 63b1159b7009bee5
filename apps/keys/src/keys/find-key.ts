import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { KeyId } from '#libs/key-format';
import { ApiKeyEntity } from '../database/api-key.entity.js';

@Injectable()
export class FindKey {
  constructor(private readonly database: DataSource) {}

  /** The key with that ID, in any state, or null. */
  execute(id: KeyId): Promise<ApiKeyEntity | null> {
    return this.database.manager.findOneBy(ApiKeyEntity, { id });
  }
}
