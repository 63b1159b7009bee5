import { Controller, Get, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Integer, NumberAsText, Optional, Text } from '#libs/fields';
import type { PersonalEventPage } from '../contract.js';
import { KeyOwner } from '../keys/key-owner.js';
import type { Person } from '../session/find-session.js';
import { SignedIn } from '../session/session.guard.js';
import { ListPersonalEvents } from './list-personal-events.js';

export class ListEventsQuery {
  @Optional()
  @NumberAsText()
  @Integer('Limit', { min: 1, max: 200 })
  limit = 50;

  @Optional()
  @Text('Cursor', { max: 200 })
  cursor?: string;
}

/** What happened to the signed-in person and their keys. */
@Controller('api/audit')
export class AuditController {
  constructor(
    private readonly keyOwner: KeyOwner,
    private readonly listPersonalEvents: ListPersonalEvents,
  ) {}

  @Get()
  async list(
    @SignedIn() person: Person,
    @Query() query: ListEventsQuery,
    @Req() req: FastifyRequest,
  ): Promise<PersonalEventPage> {
    const owner = await this.keyOwner.find(person, req);
    return this.listPersonalEvents.execute(person, owner?.id ?? person.id, query);
  }
}
