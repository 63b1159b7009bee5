import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { repeat, systemClock } from '#libs/clock';
import { WALL_CLOCK, type WallClock } from '../database/wall-clock.js';
import { DeliveryQueue } from '../deliveries/delivery-queue.js';
import { EMAIL_CHANNEL, type Email, MAIL_SERVER, keyNewsSchema } from './key-news.js';

/** How often it looks, in milliseconds. */
const EVERY_MS = 60_000;

/** How long an entry waits for others of the same run, and an owner for the next digest. */
const GATHER = "interval '10 minutes'";
const PAUSE = "interval '24 hours'";

/** How many owners one run takes, and how many keys one email names. */
const MAX_OWNERS = 500;
const MAX_NEWS = 100;

const DUE = `
  SELECT e.owner_id FROM email_digest_entries e LEFT JOIN email_recipients r ON r.owner_id = e.owner_id
   WHERE digest_at IS NULL OR digest_at <= coalesce($1::timestamptz, now()) - ${PAUSE}
   GROUP BY e.owner_id HAVING min(e.at) <= coalesce($1::timestamptz, now()) - ${GATHER}
   LIMIT ${MAX_OWNERS}`;

/** Of replicas that do it at the same time, one gets a row. */
const CLAIM = `
  INSERT INTO email_recipients AS r (owner_id, day, sent, digest_at)
  VALUES ($2, (coalesce($1::timestamptz, now()) AT TIME ZONE 'UTC')::date, 0, coalesce($1::timestamptz, now()))
  ON CONFLICT (owner_id) DO UPDATE SET digest_at = excluded.digest_at
    WHERE r.digest_at IS NULL OR r.digest_at <= excluded.digest_at - ${PAUSE}
  RETURNING owner_id`;

const owners = z.array(z.object({ owner_id: z.string() }));
const entries = z.tuple([z.array(z.object({ id: z.string(), news: z.unknown() })), z.number()]);

/** Sends owners once a day what is not worth an email of its own. */
@Injectable()
export class EmailDigests implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger(EmailDigests.name);
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: DataSource,
    private readonly queue: DeliveryQueue,
    @Inject(WALL_CLOCK) private readonly clock: WallClock,
  ) {}

  onApplicationBootstrap(): void {
    this.#running = repeat(() => this.execute(), {
      clock: systemClock,
      everyMs: EVERY_MS,
      signal: this.#stopping.signal,
      onOutage: (err) => this.#logger.error({ err, msg: 'digests are not sent: trying every minute' }),
      onRecovery: () => this.#logger.log('digests are sent again'),
    });
  }

  async onModuleDestroy(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** Adds the digests that are due to what is sent. */
  async execute(): Promise<void> {
    const due = owners.parse(await this.database.query(DUE, [this.clock()]));
    for (const { owner_id: ownerId } of due)
      await this.database.transaction((manager) => this.#put(manager, ownerId));
  }

  async #put(manager: EntityManager, ownerId: string): Promise<void> {
    const claimed = owners.parse(await manager.query(CLAIM, [this.clock(), ownerId]));
    if (claimed.length === 0) return;
    const [found] = entries.parse(
      await manager.query('DELETE FROM email_digest_entries WHERE owner_id = $1 RETURNING id, news', [
        ownerId,
      ]),
    );
    const inOrder = found.sort((a, b) => Number(a.id) - Number(b.id));
    // What only a newer version can say is left to it: it is counted here, too.
    const news = inOrder
      .flatMap((entry) => keyNewsSchema.safeParse(entry.news).data ?? [])
      .slice(0, MAX_NEWS);
    const [first, ...others] = news;
    if (first === undefined) return;
    const message: Email = { ownerId, news: [first, ...others], more: found.length - news.length };
    await this.queue.put(manager, {
      channel: EMAIL_CHANNEL,
      destination: MAIL_SERVER,
      subject: `digest of ${ownerId}`,
      message,
    });
  }
}
