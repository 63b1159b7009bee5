import { Registry } from 'prom-client';
import { AbstractLogger, type DataSource } from 'typeorm';
import { type TestDatabase, makeDatabase } from '#libs/testing';
import { openDatabase } from '../../apps/keys/src/database/open-database.js';
import { DeliveryQueue } from '../../apps/keys/src/deliveries/delivery-queue.js';
import { EmailEvents } from '../../apps/keys/src/emails/email-events.js';
import { AnnounceExpiries } from '../../apps/keys/src/lifetimes/announce-expiries.js';
import { AnnounceUnused } from '../../apps/keys/src/lifetimes/announce-unused.js';

const KEYS = 1_000_000;
const KEYS_PER_OWNER = 100;

/** All keys live so long, and their expiries are spread evenly. */
const LIFETIME_DAYS = 90;
const HOUR_MS = 3_600_000;

/** What a run has done, and what it took. */
interface Run {
  readonly announced: number;
  readonly statements: number;
  readonly seconds: number;
}

/** What it costs to look for keys whose time has come, among a million. */
export interface AnnouncementsMeasure {
  readonly keys: number;
  /** Five minutes after the run before, as most runs are. */
  readonly usual: Run;
  /** What becomes due in an hour, with an audit event and an email or an entry of a digest for each. */
  readonly hour: Run;
  /** A look at all keys that expire soon, of which nothing is due. */
  readonly all: Run;
  /** A look at all keys for unused ones, of which there are none. */
  readonly unused: Run;
}

/** Lets an hour pass over a million keys, in one process beside its PostgreSQL. */
export async function measureAnnouncements(): Promise<AnnouncementsMeasure> {
  const server = await makeDatabase();
  const database = await openDatabase({ url: server.url, poolSize: 4 });
  await fill(server);
  let now = new Date();
  const clock = (): Date => now;
  new EmailEvents(database, new DeliveryQueue(database, clock), clock, new Registry());
  const expiries = new AnnounceExpiries(database, clock);
  const unused = new AnnounceUnused(database, clock);

  now = new Date(now.getTime() + HOUR_MS);
  const hour = await measure(database, () => expiries.execute({ again: true }));
  const all = await measure(database, () => expiries.execute({ again: true }));
  now = new Date(now.getTime() + 1000);
  const usual = await measure(database, () => expiries.execute());
  const measured = {
    keys: KEYS,
    usual,
    hour,
    all,
    unused: await measure(database, () => unused.execute(365)),
  };
  await database.destroy();
  await server.close();
  return measured;
}

/** Keys of owners with verified addresses, half of them in use, of which everything was announced that is due now. */
async function fill(server: TestDatabase): Promise<void> {
  await server.query(
    `INSERT INTO owners (id, email, verified_email, role, tier)
     SELECT 'owner-' || n, n || '@example.com', n || '@example.com', 'user', 'free' FROM generate_series(1, $1) AS n`,
    [KEYS / KEYS_PER_OWNER],
  );
  await server.query(
    `INSERT INTO api_keys (id, owner_id, name, capabilities, secret_hash, last4, created_by, created_at, expires_at, last_used_at)
     SELECT uuidv7(), 'owner-' || 1 + n % $2::int, 'Production CI', '{desktop:read}', '$2b$04$' || repeat('x', 53), 'x7Qa',
            'bench', e.at - $3::float8 * interval '24 hours', e.at, CASE WHEN n % 2 = 0 THEN now() END
       FROM generate_series(1, $1::int) AS n, LATERAL (SELECT now() + $3::float8 * interval '24 hours' * n / $1::float8 AS at) AS e`,
    [KEYS, KEYS / KEYS_PER_OWNER, LIFETIME_DAYS],
  );
  for (const [kind, days] of [
    ['expired', 0],
    ['expiring_1', 1],
    ['expiring_7', 7],
    ['expiring_30', 30],
  ])
    await server.query(
      `INSERT INTO key_notices (key_id, kind, about)
       SELECT id, $1, expires_at FROM api_keys WHERE expires_at <= now() + $2::float8 * interval '24 hours'`,
      [kind, days],
    );
  await server.query('ANALYZE');
}

async function measure(database: DataSource, run: () => Promise<number>): Promise<Run> {
  const counter = new StatementCounter();
  database.logger = counter;
  const began = performance.now();
  const announced = await run();
  return { announced, statements: counter.count, seconds: (performance.now() - began) / 1000 };
}

class StatementCounter extends AbstractLogger {
  count = 0;

  override logQuery(): void {
    this.count++;
  }

  protected override writeLog(): void {
    // Nothing is written.
  }
}
