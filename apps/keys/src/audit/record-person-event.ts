import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { PersonAction } from '#libs/keys-contract';
import type { Origin } from './origin.js';

/** Something that happened to a person where they sign in. `details` are public. */
export interface PersonRecord {
  /** A UUID. An event with the ID of an earlier one is not recorded again. */
  readonly id: string;
  readonly action: PersonAction;
  readonly origin: Origin;
  /** The owner of the person's keys, who need not exist yet. */
  readonly ownerId: string;
  /** How long ago it happened, in milliseconds. */
  readonly agoMs: number;
  readonly details: object;
}

const INSERT = `
  INSERT INTO audit_events (source_id, at, action, actor, address, request_id, owner_id, details)
  VALUES ($1, now() - $2 * interval '1 millisecond', $3, $4, $5, $6, $7, $8)
  ON CONFLICT (source_id) WHERE source_id IS NOT NULL DO NOTHING RETURNING id`;

@Injectable()
export class RecordPersonEvent {
  constructor(private readonly database: DataSource) {}

  /** Records the event. False if it was recorded before: its sender has missed the answer, and has sent it again. */
  async execute({ id, action, origin, ownerId, agoMs, details }: PersonRecord): Promise<boolean> {
    const { actor, address, requestId } = origin;
    const values = [id, agoMs, action, actor, address, requestId, ownerId, details];
    const recorded: unknown[] = await this.database.query(INSERT, values);
    return recorded.length === 1;
  }
}
