import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { recordEvent } from '../audit/record-event.js';
import { OwnerEntity } from '../database/owner.entity.js';
import { PropagatedChanges } from '../revocation/propagated-changes.js';

/** An owner as the dashboard knows them. */
export interface OwnerFacts {
  readonly id: string;
  readonly email: string;
  /** Whether the address is known to be theirs; what is known of the same address stays, when absent. */
  readonly emailVerified?: boolean | undefined;
  /** Who tells the address; who has told the same address stays, when absent. */
  readonly emailSource?: string | undefined;
  readonly role: string;
  readonly tier: string;
}

/** What of an owner may change. */
type Details = Pick<OwnerEntity, 'email' | 'verifiedEmail' | 'emailSource' | 'role' | 'tier'>;

@Injectable()
export class PutOwner {
  constructor(private readonly changes: PropagatedChanges) {}

  /** Creates an owner, or changes what is known. That shows at every gateway once this has returned. */
  async execute(facts: OwnerFacts, actor: string): Promise<OwnerEntity> {
    const { result } = await this.changes.commit(async (manager) => {
      const { id } = facts;
      const created = detailsOf(facts, undefined);
      const isNew = await insert(manager, id, created);
      if (isNew)
        await recordEvent(manager, {
          action: 'owner.created',
          actor,
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
          actor,
          ownerId: id,
          details: audited(details),
        });
      }
      // Gateways are concerned also when nothing changed: the call that changed it may not be done yet.
      return { result: Object.assign(owner, details), invalidates: isNew ? null : { kind: 'owner', id } };
    });
    return result;
  }
}

/** What the owner is to be: nothing is known of an address that is another one than before. */
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

/** The same as the audit has it. */
function audited({ email, verifiedEmail, emailSource, role, tier }: Details): Record<string, unknown> {
  return { email, emailVerified: verifiedEmail !== null, emailSource, role, tier };
}

/** Whether the owner was new. Of several that make the same one at once, one does. */
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
