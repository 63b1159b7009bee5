import { Body, Controller, Get, Post, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { findKeyId } from '#libs/key-format';
import {
  type AuditEvent,
  type AuditEventPage,
  type RecordedEvent,
  auditEventPageSchema,
  recordedEventSchema,
} from '#libs/keys-contract';
import { ListAuditEvents, type ListedEvent } from '../audit/list-audit-events.js';
import { RecordPersonEvent } from '../audit/record-person-event.js';
import { ApiRoute } from './api-route.js';
import { KeysProblem } from './keys-problem.js';
import { originOf } from './origin-of.js';
import { ListAuditEventsQuery, PersonEventBody } from './requests.js';

/** The audit log. */
@Controller('audit-events')
export class AuditEventsController {
  constructor(
    private readonly listAuditEvents: ListAuditEvents,
    private readonly recordPersonEvent: RecordPersonEvent,
  ) {}

  @Get()
  @ApiRoute({
    id: 'audit_list',
    summary: 'List what happened to owners and keys, newest first',
    answer: auditEventPageSchema,
  })
  async list(@Query() query: ListAuditEventsQuery): Promise<AuditEventPage> {
    const { keyId, ownerId, action, actor, limit, cursor } = query;
    const [since, until] = [momentOf(query.since), momentOf(query.until)];
    if (since !== undefined && until !== undefined && since >= until)
      throw new KeysProblem('invalid_request', 'Since must be before until.');
    const { items, nextCursor } = await this.listAuditEvents.execute({
      keyId: keyId === undefined ? undefined : findKeyId(keyId),
      ownerId,
      action,
      actor,
      since,
      until,
      limit,
      cursor,
    });
    return { events: items.map(viewOf), nextCursor };
  }

  @Post()
  @ApiRoute({
    id: 'audit_record',
    summary: 'Record something that happened to a person where they sign in',
    answer: recordedEventSchema,
  })
  async record(@Body() body: PersonEventBody, @Req() req: FastifyRequest): Promise<RecordedEvent> {
    const { id, action, ownerId, agoMs, method, attempts, limited } = body;
    const isNew = await this.recordPersonEvent.execute({
      id,
      action,
      origin: originOf(req, body),
      ownerId,
      agoMs,
      details: { method, attempts, limited },
    });
    return { isNew };
  }
}

function viewOf({ at, details, ...event }: ListedEvent): AuditEvent {
  return { ...event, at: at.toISOString(), details: { ...details } };
}

function momentOf(timestamp: string | undefined): Date | undefined {
  return timestamp === undefined ? undefined : new Date(timestamp);
}
