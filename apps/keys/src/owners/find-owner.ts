import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { OwnerEntity } from '../database/owner.entity.js';

@Injectable()
export class FindOwner {
  constructor(private readonly database: DataSource) {}

  /** The owner with that ID, or null. */
  execute(id: string): Promise<OwnerEntity | null> {
    return this.database.manager.findOneBy(OwnerEntity, { id });
  }
}
