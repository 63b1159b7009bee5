import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Pool } from 'pg';
import { ManageClient, type Owner } from '#libs/keys-client';
import { SCHEMA } from '../database/open-database.js';
import type { Person } from '../session/find-session.js';
import { LocalOperator } from './local-operator.js';

/** One owner is claimed by one person, and one person claims one owner. */
const CLAIM = `
  UPDATE ${SCHEMA}."user" SET "ownerId" = $2
   WHERE id = $1 AND ("ownerId" IS NULL OR "ownerId" = $2)
     AND NOT EXISTS (SELECT FROM ${SCHEMA}."user" WHERE "ownerId" = $2 AND id <> $1)`;

/**
 * Lets a person have the keys that an operator has made for their address, by `keys issue --owner ada@example.com`: the id
 * of such an owner is the address. An address that somebody typed in is no proof that it is theirs. So either a provider
 * has verified it, or the browser runs as the user who started this process, who can read the credential of keys and
 * could do all of it at the command line: see {@link LocalOperator} and docs/decisions/0010.
 */
@Injectable()
export class ClaimOwner {
  constructor(
    private readonly manage: ManageClient,
    private readonly pool: Pool,
    private readonly operator: LocalOperator,
  ) {}

  /** The owner, claimed now or before by the same person; null when there is none, or it is not for them. */
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
