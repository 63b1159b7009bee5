import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { OwnerEntity } from '../database/owner.entity.js';

/** Bounds the answer: far more owners than ever share an address. */
const MAX_OWNERS = 1000;

@Injectable()
export class FindOwners {
  constructor(private readonly database: DataSource) {}

  byId(id: string): Promise<OwnerEntity | null> {
    return this.database.manager.findOneBy(OwnerEntity, { id });
  }

  /** Owners with this email address, in any case. */
  byEmail(email: string): Promise<OwnerEntity[]> {
    return this.database
      .getRepository(OwnerEntity)
      .createQueryBuilder('owner')
      .where('lower(owner.email) = lower(:email)', { email })
      .orderBy('owner.id')
      .limit(MAX_OWNERS)
      .getMany();
  }
}
