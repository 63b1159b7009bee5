import { Controller, Get, Query } from '@nestjs/common';
import { findKeyId } from '#libs/key-format';
import { type AuditEvent, type AuditEventPage, auditEventPageSchema } from '#libs/keys-contract';
import { ListAuditEvents } from '../audit/list-audit-events.js';
import type { AuditEventEntity } from '../database/audit-event.entity.js';
import { ApiRoute } from './api-route.js';
import { KeysProblem } from './keys-problem.js';
import { ListAuditEventsQuery } from './requests.js';

/** The audit log. */
@Controller('audit-events')
export class AuditEventsController {
  constructor(private readonly listAuditEvents: ListAuditEvents) {}

  @Get()
  @ApiRoute({
    id: 'audit_list',
    summary: 'List what happened to owners and keys, newest first',
    answer: auditEventPageSchema,
  })
  async list(@Query() query: ListAuditEventsQuery): Promise<AuditEventPage> {
    const { keyId, ownerId, action, limit, cursor } = query;
    const [since, until] = [momentOf(query.since), momentOf(query.until)];
    if (since !== undefined && until !== undefined && since >= until)
      throw new KeysProblem('invalid_request', 'Since must be before until.');
    const { items, nextCursor } = await this.listAuditEvents.execute({
      keyId: keyId === undefined ? undefined : findKeyId(keyId),
      ownerId,
      action,
      since,
      until,
      limit,
      cursor,
    });
    return { events: items.map(viewOf), nextCursor };
  }
}

function viewOf({ at, details, ...event }: AuditEventEntity): AuditEvent {
  return { ...event, at: at.toISOString(), details: { ...details } };
}

function momentOf(timestamp: string | undefined): Date | undefined {
  return timestamp === undefined ? undefined : new Date(timestamp);
}
