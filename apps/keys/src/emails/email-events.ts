import { Inject, Injectable, Logger } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import { DataSource, type EntityManager, type EntitySubscriberInterface, type InsertEvent } from 'typeorm';
import { z } from 'zod';
import { AuditEventEntity } from '../database/audit-event.entity.js';
import { WALL_CLOCK, type WallClock } from '../database/wall-clock.js';
import { DeliveryQueue } from '../deliveries/delivery-queue.js';
import { EMAIL_CHANNEL, type Email, MAIL_SERVER } from './key-news.js';
import { type AuditedChange, type OwnersNews, newsOf } from './news-of-event.js';

/** How many emails of their own an owner gets a day. What there is besides comes together, in the next digest. */
const MAX_A_DAY = 20;

const COUNT = `
  INSERT INTO email_recipients AS r (owner_id, day, sent) VALUES ($1, (coalesce($2::timestamptz, now()) AT TIME ZONE 'UTC')::date, 1)
  ON CONFLICT (owner_id) DO UPDATE
    SET day = excluded.day, sent = CASE WHEN r.day = excluded.day THEN r.sent + 1 ELSE 1 END
  RETURNING sent`;

const owner = z.array(z.object({ is_verified: z.boolean() }));
const counted = z.tuple([z.object({ sent: z.int() })]);

/** Emails for what the audit log records, added in the transaction that records it. */
@Injectable()
export class EmailEvents implements EntitySubscriberInterface<AuditEventEntity> {
  readonly #logger = new Logger(EmailEvents.name);
  readonly #unverified: Counter;

  constructor(
    database: DataSource,
    private readonly queue: DeliveryQueue,
    @Inject(WALL_CLOCK) private readonly clock: WallClock,
    registry: Registry,
  ) {
    this.#unverified = new Counter({
      name: 'keys_emails_without_address_total',
      help: 'Emails that were not sent because the owner has no verified address.',
      registers: [registry],
    });
    database.subscribers.push(this);
  }

  listenTo(): typeof AuditEventEntity {
    return AuditEventEntity;
  }

  async afterInsert({ entity, manager }: InsertEvent<AuditEventEntity>): Promise<void> {
    const { action, actor, ownerId, keyId } = entity;
    if (keyId === null) return;
    // As they are stored: dates become texts.
    const details: unknown = JSON.parse(JSON.stringify(entity.details));
    await this.put(manager, { action, actor, ownerId, keyId, details });
  }

  /** Adds what the owner is told of a change, to be sent once the transaction is committed. */
  async put(manager: EntityManager, change: AuditedChange): Promise<void> {
    const told = this.#newsOf(change);
    if (told === undefined) return;
    const { ownerId } = change;
    const [found] = owner.parse(
      await manager.query(
        'SELECT (verified_email = email) IS TRUE AS is_verified FROM owners WHERE id = $1',
        [ownerId],
      ),
    );
    if (found?.is_verified !== true) {
      this.#unverified.inc();
      return;
    }
    if (told.when === 'now' && (await this.#isWithinLimit(manager, ownerId)))
      return this.#send(manager, ownerId, told);
    const sql =
      'INSERT INTO email_digest_entries (owner_id, news, at) VALUES ($1, $2, coalesce($3::timestamptz, now()))';
    await manager.query(sql, [ownerId, JSON.stringify(told.news), this.clock()]);
  }

  async #isWithinLimit(manager: EntityManager, ownerId: string): Promise<boolean> {
    return counted.parse(await manager.query(COUNT, [ownerId, this.clock()]))[0].sent <= MAX_A_DAY;
  }

  /** A change must not fail because nobody can be told of it. */
  #newsOf(change: AuditedChange): OwnersNews | undefined {
    try {
      return newsOf(change);
    } catch (err) {
      this.#logger.error({ err, action: change.action, msg: 'nobody is told of a change' });
      return undefined;
    }
  }

  async #send(manager: EntityManager, ownerId: string, { news, once }: OwnersNews): Promise<void> {
    const message: Email = { ownerId, news: [news], more: 0 };
    const subject = news.keyId;
    await this.queue.put(manager, {
      channel: EMAIL_CHANNEL,
      destination: MAIL_SERVER,
      subject,
      message,
      ...(once !== undefined && { once }),
    });
  }
}
