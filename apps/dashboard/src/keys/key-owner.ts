import { Injectable } from '@nestjs/common';
import { ManageClient, ManageRefused, type Owner } from '#libs/keys-client';
import { ProblemException } from '#libs/problems';
import type { Person } from '../session/find-session.js';

/** What a person may be and have, which keys knows and operators change there. */
export type Standing = Pick<Owner, 'role' | 'tier'>;

/** Where everybody begins. */
const BEGINNING: Standing = { role: 'user', tier: 'free' };

/** People as keys knows them: the owners of their keys. */
@Injectable()
export class KeyOwner {
  constructor(private readonly manage: ManageClient) {}

  /** What a person may be and have. Of somebody whom keys has not seen yet, where everybody begins. */
  async standingOf(person: Person): Promise<Standing> {
    const { role, tier } = (await this.#find(person)) ?? BEGINNING;
    return { role, tier };
  }

  /** Makes sure that keys knows the person, by their present email. Throws when they are suspended. */
  async ensure(person: Person): Promise<void> {
    const owner = await this.#find(person);
    if (owner?.suspendedAt != null) {
      throw new ProblemException(
        'account_suspended',
        'This account is suspended. Ask whoever runs this service.',
      );
    }
    if (owner?.email === person.email) return;
    const { role, tier } = owner ?? BEGINNING;
    await this.manage.putOwner(person.id, { email: person.email, role, tier, actor: person.id });
  }

  #find({ id }: Person): Promise<Owner | null> {
    return this.manage.getOwner(id).catch((err: unknown) => {
      if (err instanceof ManageRefused && err.code === 'not_found') return null;
      throw err;
    });
  }
}
