import { Injectable } from '@nestjs/common';
import { DataSource, In } from 'typeorm';
import { isKeyId } from '#libs/key-format';
import { ApiKeyEntity } from '../database/api-key.entity.js';
import { AuditEventEntity } from '../database/audit-event.entity.js';
import { type Page, pageOf } from '../database/page.js';

/** Which events, at most `limit`, before the one at the cursor. */
export interface AuditEventFilter {
  readonly keyId: string | undefined;
  readonly ownerId: string | undefined;
  readonly action: string | undefined;
  readonly actor: string | undefined;
  /** At this moment, or later. */
  readonly since: Date | undefined;
  /** Before this moment. */
  readonly until: Date | undefined;
  readonly limit: number;
  readonly cursor: string | undefined;
}

/** By what people recognize a key. */
type KeyNames = Pick<ApiKeyEntity, 'name' | 'last4'>;

/** An event, with the key that it is about. */
export type ListedEvent = AuditEventEntity & { readonly key: KeyNames | null };

@Injectable()
export class ListAuditEvents {
  constructor(private readonly database: DataSource) {}

  /** What happened, newest first. Each filter alone has an index in this order, so every page takes as long. */
  async execute(filter: AuditEventFilter): Promise<Page<ListedEvent>> {
    const { keyId, ownerId, action, actor, since, until, limit, cursor } = filter;
    const query = this.database
      .getRepository(AuditEventEntity)
      .createQueryBuilder('event')
      .orderBy('event.at', 'DESC')
      .addOrderBy('event.id', 'DESC')
      .limit(limit + 1);
    if (keyId !== undefined) query.andWhere('event.key_id = :keyId', { keyId });
    if (ownerId !== undefined) query.andWhere('event.owner_id = :ownerId', { ownerId });
    if (action !== undefined) query.andWhere('event.action = :action', { action });
    if (actor !== undefined) query.andWhere('event.actor = :actor', { actor });
    if (since !== undefined) query.andWhere('event.at >= :since', { since });
    if (until !== undefined) query.andWhere('event.at < :until', { until });
    if (cursor !== undefined)
      // Its moment is read here, since a Date is less precise than PostgreSQL's timestamps.
      query.andWhere(
        '(event.at, event.id) < ((SELECT at FROM audit_events WHERE id = :cursor), :cursor::bigint)',
        { cursor },
      );
    const { items, nextCursor } = pageOf(await query.getMany(), limit);
    return { items: await this.#withKeys(items), nextCursor };
  }

  async #withKeys(events: readonly AuditEventEntity[]): Promise<ListedEvent[]> {
    const ids = new Set(events.map(({ keyId }) => keyId).filter((id) => id !== null && isKeyId(id)));
    const found =
      ids.size === 0
        ? []
        : await this.database.manager.find(ApiKeyEntity, {
            select: { id: true, name: true, last4: true },
            where: { id: In([...ids]) },
          });
    const keys = new Map<string, KeyNames>(found.map(({ id, name, last4 }) => [id, { name, last4 }]));
    return events.map((event) => Object.assign(event, { key: keys.get(event.keyId ?? '') ?? null }));
  }
}
