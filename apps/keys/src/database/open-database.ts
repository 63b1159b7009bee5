import { DataSource, QueryFailedError } from 'typeorm';
import { StartError } from '#libs/service';
import { ApiKeyEntity } from './api-key.entity.js';
import { AuditEventEntity } from './audit-event.entity.js';
import { Keys1764000000000 } from './migrations/1764000000000-keys.js';
import { RevocationLog1764100000000 } from './migrations/1764100000000-revocation-log.js';
import { RevocationOutbox1764200000000 } from './migrations/1764200000000-revocation-outbox.js';
import { RateLimits1764300000000 } from './migrations/1764300000000-rate-limits.js';
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

/** Any number that nobody else takes: replicas that start together migrate one after the other under it. */
const MIGRATION_LOCK = 7_104_210_119;

/** Connects to PostgreSQL and brings its schema up to date. Throws a {@link StartError} that says what to do. */
export async function openDatabase({ url, password, poolSize }: DatabaseOptions): Promise<DataSource> {
  const dataSource = new DataSource({
    type: 'postgres',
    url: withPassword(url, password),
    applicationName: 'keys',
    entities: [OwnerEntity, ApiKeyEntity, AuditEventEntity],
    migrations: [
      Keys1764000000000,
      RevocationLog1764100000000,
      RevocationOutbox1764200000000,
      RateLimits1764300000000,
    ],
    synchronize: false,
    poolSize,
    connectTimeoutMS: 5000,
    logging: false,
    extra: {
      lock_timeout: LOCK_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      idle_in_transaction_session_timeout: 10_000,
    },
  });
  const { host, port, pathname } = new URL(url);
  const place = `${host}${port ? '' : ':5432'}${pathname}`;
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
  return dataSource;
}

/** TypeORM reads the address last, and takes an absent password there for none. */
function withPassword(url: string, password: string | undefined): string {
  const address = new URL(url);
  if (password !== undefined) address.password = encodeURIComponent(password);
  return address.href;
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

/** What PostgreSQL or the network says, in a few words: its messages name users and databases, never passwords. */
function wordsOf(err: unknown): string {
  if (err instanceof AggregateError && err.errors.length > 0) return wordsOf(err.errors[0]);
  return err instanceof Error ? err.message || err.name : 'no reason given';
}

/**
 * Whether an error says that PostgreSQL is away rather than that a statement is wrong: a lost or refused connection,
 * SQLSTATE classes 08 (connection), 53 (resources) and 57 (operator intervention, time-outs among it), or a row that
 * somebody else holds for too long (55P03).
 */
export function isDatabaseAway(err: unknown): boolean {
  const cause: unknown = err instanceof QueryFailedError ? err.driverError : err;
  if (cause instanceof AggregateError) return cause.errors.some(isDatabaseAway);
  if (!(cause instanceof Error)) return false;
  if (/Connection terminated|timeout exceeded when trying to connect|Query read timeout/.test(cause.message))
    return true;
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  return /^(08|53|57)...$|^55P03$|^E(CONN|HOST|NET|PIPE|TIMEDOUT|NOTFOUND|AI_AGAIN)/.test(code);
}
