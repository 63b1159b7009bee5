import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditEventEntity } from '../database/audit-event.entity.js';
import { type Page, pageOf } from '../database/page.js';

/** Which events, at most `limit`, before the one at the cursor. */
export interface AuditEventFilter {
  readonly keyId: string | undefined;
  readonly ownerId: string | undefined;
  readonly action: string | undefined;
  /** At this moment, or later. */
  readonly since: Date | undefined;
  /** Before this moment. */
  readonly until: Date | undefined;
  readonly limit: number;
  readonly cursor: string | undefined;
}

@Injectable()
export class ListAuditEvents {
  constructor(private readonly database: DataSource) {}

  /** What happened, newest first. Each filter alone has an index in this order, so every page takes as long. */
  async execute(filter: AuditEventFilter): Promise<Page<AuditEventEntity>> {
    const { keyId, ownerId, action, since, until, limit, cursor } = filter;
    const query = this.database
      .getRepository(AuditEventEntity)
      .createQueryBuilder('event')
      .orderBy('event.at', 'DESC')
      .addOrderBy('event.id', 'DESC')
      .limit(limit + 1);
    if (keyId !== undefined) query.andWhere('event.key_id = :keyId', { keyId });
    if (ownerId !== undefined) query.andWhere('event.owner_id = :ownerId', { ownerId });
    if (action !== undefined) query.andWhere('event.action = :action', { action });
    if (since !== undefined) query.andWhere('event.at >= :since', { since });
    if (until !== undefined) query.andWhere('event.at < :until', { until });
    if (cursor !== undefined)
      // Its moment is read here, since a Date is less precise than PostgreSQL's timestamps.
      query.andWhere(
        '(event.at, event.id) < ((SELECT at FROM audit_events WHERE id = :cursor), :cursor::bigint)',
        { cursor },
      );
    return pageOf(await query.getMany(), limit);
  }
}
