import { DataSource } from 'typeorm';
import { ToPrimary, connectionTo, lockNumber, placeOf, wordsOf } from '#libs/postgres';
import { StartError } from '#libs/service';
import { ApiKeyEntity } from './api-key.entity.js';
import { AuditEventEntity } from './audit-event.entity.js';
import { Keys1764000000000 } from './migrations/1764000000000-keys.js';
import { RevocationLog1764100000000 } from './migrations/1764100000000-revocation-log.js';
import { RevocationOutbox1764200000000 } from './migrations/1764200000000-revocation-outbox.js';
import { RateLimits1764300000000 } from './migrations/1764300000000-rate-limits.js';
import { KeyActivity1764400000000 } from './migrations/1764400000000-key-activity.js';
import { SettledGeneration1764500000000 } from './migrations/1764500000000-settled-generation.js';
import { OwnerEntity } from './owner.entity.js';

export interface DatabaseOptions {
  /** `postgres://user@host:5432/database` */
  readonly url: string;
  /** Instead of the one in the address. */
  readonly password?: string | undefined;
  /** Connections, at most. */
  readonly poolSize: number;
}

/** How long a statement may take, in milliseconds, before PostgreSQL gives it up. */
const STATEMENT_TIMEOUT_MS = 5000;

/** How long a statement may wait for a row that somebody else holds: whoever waits holds a connection. */
const LOCK_TIMEOUT_MS = 1000;

/** Replicas that start together migrate one after the other under it. */
const MIGRATION_LOCK = lockNumber('keys: migrations');

/** Connects to PostgreSQL and brings its schema up to date. Throws a {@link StartError} that says what to do. */
export async function openDatabase({ url, password, poolSize }: DatabaseOptions): Promise<DataSource> {
  const toPrimary = new ToPrimary();
  const dataSource = new DataSource({
    type: 'postgres',
    applicationName: 'keys',
    entities: [OwnerEntity, ApiKeyEntity, AuditEventEntity],
    migrations: [
      Keys1764000000000,
      RevocationLog1764100000000,
      RevocationOutbox1764200000000,
      RateLimits1764300000000,
      KeyActivity1764400000000,
      SettledGeneration1764500000000,
    ],
    synchronize: false,
    poolSize,
    connectTimeoutMS: 5000,
    logging: false,
    // Not by `url`, which TypeORM reads by rules of its own.
    extra: {
      ...connectionTo(url, password),
      ...toPrimary.options,
      lock_timeout: LOCK_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      idle_in_transaction_session_timeout: 10_000,
    },
  });
  const place = placeOf(url);
  try {
    await dataSource.initialize();
  } catch (err) {
    throw new StartError(
      `Cannot open the database ${place} (${wordsOf(err)}): start it, or correct DATABASE_URL.`,
      {
        cause: err,
      },
    );
  }
  try {
    await migrate(dataSource);
  } catch (err) {
    await dataSource.destroy();
    throw new StartError(
      `Cannot bring the database ${place} up to date (${wordsOf(err)}). Nothing was changed.`,
      {
        cause: err,
      },
    );
  }
  toPrimary.beImpatient();
  return dataSource;
}

/** Whether the database answers. */
export function canAnswer(dataSource: DataSource): Promise<boolean> {
  return dataSource.query('SELECT 1').then(
    () => true,
    () => false,
  );
}

async function migrate(dataSource: DataSource): Promise<void> {
  const lock = dataSource.createQueryRunner();
  try {
    // Another replica may be migrating for longer than a statement may take otherwise.
    await lock.query('SET statement_timeout = 0; SET lock_timeout = 0');
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await dataSource.runMigrations({ transaction: 'all' });
  } finally {
    await lock.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    await lock
      .query(`SET statement_timeout = ${STATEMENT_TIMEOUT_MS}; SET lock_timeout = ${LOCK_TIMEOUT_MS}`)
      .catch(() => undefined);
    await lock.release();
  }
}
