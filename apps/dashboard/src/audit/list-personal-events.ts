import { Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import * as z from 'zod/mini';
import { ManageClient } from '#libs/keys-client';
import type { AuditEvent } from '#libs/keys-contract';
import type { PersonalEvent, PersonalEventPage } from '../contract.js';
import { SCHEMA } from '../database/open-database.js';
import type { Person } from '../session/find-session.js';

/** Who failed to sign in: nobody knows. */
export const UNKNOWN_ACTOR = 'unknown';

/** Details that a newer keys service writes differently are left out, each for itself. */
const text = z.catch(z.optional(z.string()), undefined);
const count = z.catch(z.optional(z.number()), undefined);
const details = z.object({
  method: text,
  attempts: count,
  limited: count,
  reason: text,
  expiresAt: text,
  url: text,
});

/** What the person who is signed in may see of the audit log. */
@Injectable()
export class ListPersonalEvents {
  constructor(
    private readonly manage: ManageClient,
    private readonly pool: Pool,
  ) {}

  /** The events of one owner, whose keys are the person's. */
  async execute(
    person: Person,
    ownerId: string,
    page: { readonly limit: number; readonly cursor?: string | undefined },
  ): Promise<PersonalEventPage> {
    const { limit, cursor } = page;
    const { events, nextCursor } = await this.manage.listAuditEvents({
      ownerId,
      limit,
      ...(cursor !== undefined && { cursor }),
    });
    const others = await this.#peopleAmong(events);
    return { events: events.map((event) => describe(event, person, others)), nextCursor };
  }

  /** Those who act here under an ID of this dashboard. To each other they are strangers. */
  async #peopleAmong(events: readonly AuditEvent[]): Promise<ReadonlySet<string>> {
    const actors = [...new Set(events.map(({ actor }) => actor))];
    const { rows } = await this.pool.query<{ id: string }>(
      `SELECT id FROM ${SCHEMA}."user" WHERE id = ANY($1)`,
      [actors],
    );
    return new Set(rows.map(({ id }) => id));
  }
}

function describe(
  { id, at, action, actor, address, key, details: given }: AuditEvent,
  person: Person,
  people: ReadonlySet<string>,
): PersonalEvent {
  const isYours = actor === person.id;
  const isNamed = !people.has(actor) && actor !== UNKNOWN_ACTOR;
  return {
    id,
    at,
    action,
    isYours,
    actor: isNamed ? actor : null,
    // Where operators and reporters of keys are is their own affair.
    address: isYours || action.startsWith('person.') ? address : null,
    key,
    details: details.parse(given),
  };
}
