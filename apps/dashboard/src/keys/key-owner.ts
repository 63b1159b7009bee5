import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ManageClient, ManageRefused } from '#libs/keys-client';
import type { Owner } from '#libs/keys-contract';
import { callOrigin } from '../audit/request-origin.js';
import { DashboardProblem } from '../dashboard-problem.js';
import type { Person } from '../session/find-session.js';
import { ClaimOwner } from './claim-owner.js';

/** What the keys service stores about a person. Operators may change it there. */
export type OwnerProfile = Pick<Owner, 'role' | 'tier'>;

/** For people whom the keys service does not know yet. */
export const DEFAULT_PROFILE: OwnerProfile = { role: 'user', tier: 'free' };

/** The source of addresses that the dashboard sends. */
const SOURCE = 'dashboard';

/** Maps people to the owners of their keys in the keys service. */
@Injectable()
export class KeyOwner {
  constructor(
    private readonly manage: ManageClient,
    private readonly claimOwner: ClaimOwner,
  ) {}

  /** Null if the keys service does not know the person yet. */
  async find(person: Person, req: FastifyRequest): Promise<Owner | null> {
    const known = await this.#get(person.ownerId ?? person.id);
    return known ?? this.claimOwner.execute(person, req);
  }

  /** Creates or updates the owner, with the current address of the person. Throws `account_suspended`. */
  async ensure(person: Person, req: FastifyRequest): Promise<Owner> {
    const owner = await this.find(person, req);
    if (owner?.suspendedAt != null) {
      throw new DashboardProblem(
        'account_suspended',
        'Your account is suspended. Contact the administrator.',
      );
    }
    const { email, emailVerified } = person;
    if (owner?.email === email && owner.emailVerified === emailVerified) return owner;
    const manage = this.manage.from(callOrigin(person, req));
    const { id, role, tier } = owner ?? { id: person.id, ...DEFAULT_PROFILE };
    if (emailVerified) await takeFromOthers(manage, id, email);
    return manage.putOwner(id, { email, emailVerified, emailSource: SOURCE, role, tier });
  }

  #get(id: string): Promise<Owner | null> {
    return this.manage.getOwner(id).catch((err: unknown) => {
      if (err instanceof ManageRefused && err.code === 'not_found') return null;
      throw err;
    });
  }
}

/** Once an address is verified for one person, it no longer is for its former holder. */
async function takeFromOthers(manage: ManageClient, id: string, email: string): Promise<void> {
  for (const other of await manage.findOwnersByEmail(email)) {
    if (other.id === id || !other.emailVerified) continue;
    const { role, tier } = other;
    await manage.putOwner(other.id, { email: other.email, emailVerified: false, role, tier });
  }
}
