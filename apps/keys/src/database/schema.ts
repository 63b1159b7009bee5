import { type DataSource, MigrationExecutor, QueryFailedError, type QueryRunner } from 'typeorm';
import { z } from 'zod';
import { lockNumber } from '#libs/postgres';
import { systemClock } from '#libs/clock';

/** Replicas that start together migrate one after the other under it. */
const MIGRATION_LOCK = lockNumber('keys: migrations');

/**
 * How long a migration waits for a table that is in use, in milliseconds. Statements that come after it wait as
 * well, and give up after a second: so this is less, and it tries again.
 */
const LOCK_TIMEOUT_MS = 500;

/** How long it tries again, and how long it lets others go on in between, in milliseconds. */
const TRY_FOR_MS = 60_000;
const PAUSE_MS = 200;

/**
 * What the role by which keys serves may do. With its password, one can do only what keys itself does:
 * a revocation cannot be taken back, nor an audit event changed, as triggers see to, and only the owner can switch those
 * off.
 */
const GRANTS = [
  'SELECT ON migrations',
  'SELECT, INSERT, UPDATE ON owners',
  'SELECT, INSERT, UPDATE (expires_at, last_used_at, revoked_at, revoked_by, revocation_reason) ON api_keys',
  'SELECT, INSERT ON audit_events',
  'SELECT, INSERT, UPDATE ON revocation_log',
  'SELECT, INSERT, UPDATE, DELETE ON revocation_outbox',
  'SELECT, INSERT, UPDATE ON key_activity',
  'EXECUTE ON FUNCTION keep_activity_partitions',
];

const named = z.array(z.object({ name: z.string() }));
const found = z.tuple([z.object({ isThere: z.boolean() })]);
const quoted = z.tuple([
  z.object({ role: z.string(), schema: z.string(), database: z.string(), isOwner: z.boolean() }),
]);

/** Whether each migration that this version knows has been run. There may be more: those of a later version. */
export async function isUpToDate(database: DataSource): Promise<boolean> {
  const [{ isThere }] = found.parse(
    await database.query(`SELECT to_regclass('migrations') IS NOT NULL AS "isThere"`),
  );
  if (!isThere) return false;
  const run = named.parse(await database.query('SELECT name FROM migrations')).map(({ name }) => name);
  return database.migrations.every(({ name = '' }) => run.includes(name));
}

/**
 * Brings the schema up to date while others use it; processes that do so at the same time take turns. Each migration is a transaction
 * of its own: one that held a table while it waited for another would wait for a statement that reads both, and that for
 * it. When it fails, the migrations before it are done, which the versions before get along with as well.
 */
export async function migrate(database: DataSource): Promise<void> {
  await underLock(database, async (session) => {
    await session.query(`SET lock_timeout = ${LOCK_TIMEOUT_MS}`);
    const executor = new MigrationExecutor(database, session);
    executor.transaction = 'each';
    const giveUpAt = systemClock.now() + TRY_FOR_MS;
    for (;;) {
      try {
        await executor.executePendingMigrations();
        return;
      } catch (err) {
        if (!isInUse(err) || systemClock.now() > giveUpAt) throw err;
      }
      await systemClock.wait(PAUSE_MS);
    }
  });
}

/**
 * Gives a role what it needs to serve, and takes from it everything else on the tables of keys. Rejects when it is the
 * owner of the tables, who can give itself any right back.
 */
export async function grantServing(source: DataSource, role: string): Promise<void> {
  const [{ role: name, schema, database, isOwner }] = quoted.parse(
    await source.query(
      `SELECT quote_ident(rolname) AS role, quote_ident(current_schema()) AS schema,
              quote_ident(current_database()) AS database,
              pg_has_role(rolname, (SELECT relowner FROM pg_class WHERE oid = 'api_keys'::regclass), 'MEMBER') AS "isOwner"
         FROM (SELECT $1::text AS rolname) AS given`,
      [role],
    ),
  );
  if (isOwner)
    throw new Error(
      `${name} owns the tables or may act as their owner: name another role, which serves alone`,
    );
  await source.transaction(async (manager) => {
    await manager.query(`REVOKE ALL ON ALL TABLES IN SCHEMA ${schema} FROM ${name}`);
    await manager.query(`GRANT CONNECT ON DATABASE ${database} TO ${name}`);
    await manager.query(`GRANT USAGE ON SCHEMA ${schema} TO ${name}`);
    for (const grant of GRANTS) await manager.query(`GRANT ${grant} TO ${name}`);
  });
}

const inUse = z.looseObject({ code: z.enum(['55P03', '40P01']) });

/** Whether a table was in use for too long (lock_not_available), or by somebody who waited for us (deadlock_detected). */
function isInUse(err: unknown): boolean {
  return err instanceof QueryFailedError && inUse.safeParse(err.driverError).success;
}

async function underLock(database: DataSource, work: (session: QueryRunner) => Promise<void>): Promise<void> {
  const session: QueryRunner = database.createQueryRunner();
  try {
    // Another replica may be migrating for longer than a statement may take otherwise.
    await session.query('SET statement_timeout = 0; SET lock_timeout = 0');
    await session.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await work(session);
  } finally {
    await session.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    await session.query('RESET statement_timeout; RESET lock_timeout').catch(() => undefined);
    await session.release();
  }
}
