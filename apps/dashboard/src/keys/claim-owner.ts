import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Pool } from 'pg';
import { ManageClient } from '#libs/keys-client';
import type { Owner } from '#libs/keys-contract';
import { SCHEMA } from '../database/open-database.js';
import type { Person } from '../session/find-session.js';
import { LocalOperator } from './local-operator.js';

/** An owner can be claimed by one person only, and a person can claim one owner only. */
const CLAIM = `
  UPDATE ${SCHEMA}."user" SET "ownerId" = $2
   WHERE id = $1 AND ("ownerId" IS NULL OR "ownerId" = $2)
     AND NOT EXISTS (SELECT FROM ${SCHEMA}."user" WHERE "ownerId" = $2 AND id <> $1)`;

/**
 * Gives a person the keys that an operator has issued for their address with `keys issue --owner ada@example.com`, which
 * makes the address the id of the owner. Typing in an address proves nothing. So either a provider must have verified
 * it, or the browser must run as the user who started this process, who could do the same on the command line: see
 * {@link LocalOperator} and docs/decisions/0010.
 */
@Injectable()
export class ClaimOwner {
  constructor(
    private readonly manage: ManageClient,
    private readonly pool: Pool,
    private readonly operator: LocalOperator,
  ) {}

  /** Claims the owner. Null if there is none, or it is not for this person. */
  async execute({ id, ownerId, email, emailVerified }: Person, req: FastifyRequest): Promise<Owner | null> {
    if (ownerId !== null) return null;
    const found = await this.manage.findOwnersByEmail(email);
    const [owner, ...others] = found.filter((one) => one.id.toLowerCase() === email.toLowerCase());
    if (owner === undefined || others.length > 0) return null;
    if (!emailVerified && !(await this.operator.hasSent(req))) return null;
    const { rowCount } = await this.pool.query(CLAIM, [id, owner.id]);
    return rowCount === 1 ? owner : null;
  }
}
