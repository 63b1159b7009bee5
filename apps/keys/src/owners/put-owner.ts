import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Origin } from '../audit/origin.js';
import { recordEvent } from '../audit/record-event.js';
import { OwnerEntity } from '../database/owner.entity.js';
import { PropagatedChanges } from '../revocation/propagated-changes.js';

/** An owner as the dashboard knows them. */
export interface OwnerFacts {
  readonly id: string;
  readonly email: string;
  /** Whether the address is verified; if absent, what is known of the same address stays. */
  readonly emailVerified?: boolean | undefined;
  /** What supplied the address; if absent, the source of the same address stays. */
  readonly emailSource?: string | undefined;
  readonly role: string;
  readonly tier: string;
}

/** What may change about an owner. */
type Details = Pick<OwnerEntity, 'email' | 'verifiedEmail' | 'emailSource' | 'role' | 'tier'>;

@Injectable()
export class PutOwner {
  constructor(private readonly changes: PropagatedChanges) {}

  /** Creates or updates an owner. Every gateway knows of a change once this has returned. */
  async execute(facts: OwnerFacts, origin: Origin): Promise<OwnerEntity> {
    const { result } = await this.changes.commit(async (manager) => {
      const { id } = facts;
      const created = detailsOf(facts, undefined);
      const isNew = await insert(manager, id, created);
      if (isNew)
        await recordEvent(manager, {
          action: 'owner.created',
          origin,
          ownerId: id,
          details: audited(created),
        });
      const owner = await manager.findOneOrFail(OwnerEntity, {
        where: { id },
        lock: { mode: 'pessimistic_write' },
      });
      const details = detailsOf(facts, owner);
      if (isChanged(owner, details)) {
        await manager.update(OwnerEntity, { id }, details);
        await recordEvent(manager, {
          action: 'owner.changed',
          origin,
          ownerId: id,
          details: audited(details),
        });
      }
      // Also when nothing changed: the call that made the change may still be waiting for gateways.
      return { result: Object.assign(owner, details), invalidates: isNew ? null : { kind: 'owner', id } };
    });
    return result;
  }
}

/** The owner's new details. Nothing is known of a new address. */
function detailsOf(
  { email, emailVerified, emailSource, role, tier }: OwnerFacts,
  before: OwnerEntity | undefined,
): Details {
  const same = before?.email === email ? before : undefined;
  const isVerified = emailVerified ?? same?.isEmailVerified ?? false;
  return {
    email,
    verifiedEmail: isVerified ? email : null,
    emailSource: emailSource ?? same?.emailSource ?? null,
    role,
    tier,
  };
}

function isChanged(owner: OwnerEntity, details: Details): boolean {
  const { email, verifiedEmail, emailSource, role, tier } = details;
  return (
    owner.email !== email ||
    owner.verifiedEmail !== verifiedEmail ||
    owner.emailSource !== emailSource ||
    owner.role !== role ||
    owner.tier !== tier
  );
}

/** The same for the audit event. */
function audited({ email, verifiedEmail, emailSource, role, tier }: Details): Record<string, unknown> {
  return { email, emailVerified: verifiedEmail !== null, emailSource, role, tier };
}

/** Whether the owner was new. Of concurrent calls that create the same one, one succeeds. */
async function insert(
  manager: EntityManager,
  id: string,
  { email, verifiedEmail, emailSource, role, tier }: Details,
): Promise<boolean> {
  const sql = `INSERT INTO owners (id, email, verified_email, email_source, role, tier)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING id`;
  const rows: unknown = await manager.query(sql, [id, email, verifiedEmail, emailSource, role, tier]);
  return Array.isArray(rows) && rows.length > 0;
}
