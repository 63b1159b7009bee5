import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { OwnerEntity } from '../database/owner.entity.js';
import { type Page, pageOf } from '../database/page.js';

/** Which owners, at most `limit`, after the one at the cursor. */
export interface OwnerFilter {
  /** In any case. */
  readonly email: string | undefined;
  /** The start of an ID, or of an email address in any case. */
  readonly search: string | undefined;
  readonly suspended: boolean | undefined;
  readonly limit: number;
  readonly cursor: string | undefined;
}

@Injectable()
export class ListOwners {
  constructor(private readonly database: DataSource) {}

  /** Owners by ID. */
  async execute({ email, search, suspended, limit, cursor }: OwnerFilter): Promise<Page<OwnerEntity>> {
    const query = this.database
      .getRepository(OwnerEntity)
      .createQueryBuilder('owner')
      .orderBy('owner.id')
      .limit(limit + 1);
    if (email !== undefined) query.andWhere('lower(owner.email) = lower(:email)', { email });
    if (search !== undefined)
      query.andWhere('(starts_with(owner.id, :search) OR starts_with(lower(owner.email), lower(:search)))', {
        search,
      });
    if (suspended !== undefined) query.andWhere(`owner.suspended_at IS ${suspended ? 'NOT NULL' : 'NULL'}`);
    if (cursor !== undefined) query.andWhere('owner.id > :cursor', { cursor });
    return pageOf(await query.getMany(), limit);
  }
}
