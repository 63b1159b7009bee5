import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ManageClient, ManageRefused, type Owner } from '#libs/keys-client';
import { ProblemException } from '#libs/problems';
import type { Person } from '../session/find-session.js';
import { ClaimOwner } from './claim-owner.js';

/** What a person may be and have, which keys knows and operators change there. */
export type OwnerProfile = Pick<Owner, 'role' | 'tier'>;

/** Where everybody begins. */
export const DEFAULT_PROFILE: OwnerProfile = { role: 'user', tier: 'free' };

/** Who says so, of an address that the dashboard tells. */
const SOURCE = 'dashboard';

/** People as keys knows them: the owners of their keys. */
@Injectable()
export class KeyOwner {
  constructor(
    private readonly manage: ManageClient,
    private readonly claimOwner: ClaimOwner,
  ) {}

  /** The owner that a person is at keys; null when keys has not seen them yet. */
  async find(person: Person, req: FastifyRequest): Promise<Owner | null> {
    const known = await this.#get(person.ownerId ?? person.id);
    return known ?? this.claimOwner.execute(person, req);
  }

  /** Makes sure that keys knows the person, by their present address. Throws when they are suspended. */
  async ensure(person: Person, req: FastifyRequest): Promise<Owner> {
    const owner = await this.find(person, req);
    if (owner?.suspendedAt != null) {
      throw new ProblemException('account_suspended', 'This account is suspended. Ask the administrator.');
    }
    const { email, emailVerified } = person;
    if (owner?.email === email && owner.emailVerified === emailVerified) return owner;
    if (emailVerified) await this.#takeFromOthers(owner?.id ?? person.id, email);
    const { id, role, tier } = owner ?? { id: person.id, ...DEFAULT_PROFILE };
    return this.manage.putOwner(id, {
      email,
      emailVerified,
      emailSource: SOURCE,
      role,
      tier,
      actor: person.id,
    });
  }

  /** An address that was verified for one person is no longer verified for whoever had it before. */
  async #takeFromOthers(id: string, email: string): Promise<void> {
    for (const other of await this.manage.findOwnersByEmail(email)) {
      if (other.id === id || !other.emailVerified) continue;
      const { role, tier } = other;
      await this.manage.putOwner(other.id, {
        email: other.email,
        emailVerified: false,
        role,
        tier,
        actor: id,
      });
    }
  }

  #get(id: string): Promise<Owner | null> {
    return this.manage.getOwner(id).catch((err: unknown) => {
      if (err instanceof ManageRefused && err.code === 'not_found') return null;
      throw err;
    });
  }
}
