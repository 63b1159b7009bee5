import { type DataSource, MigrationExecutor, QueryFailedError, type QueryRunner } from 'typeorm';
import { z } from 'zod';
import { SET_TIMEOUTS, lockNumber } from '#libs/postgres';
import { systemClock } from '#libs/clock';

/** Replicas that start together migrate one after the other under this lock. */
const MIGRATION_LOCK = lockNumber('keys: migrations');

/**
 * How long a migration waits for a table that is in use, in milliseconds. Statements queue behind it meanwhile, and time
 * out after a second: so it waits for less, and tries again.
 */
const LOCK_TIMEOUT_MS = 500;

/** How long it keeps trying, and how long it pauses in between for others, in milliseconds. */
const TRY_FOR_MS = 60_000;
const PAUSE_MS = 200;

/**
 * What the service's role may do. Someone with its password can do only what the service does: they cannot undo a
 * revocation or change an audit event, since triggers forbid it and only the tables' owner can disable those.
 */
const GRANTS = [
  'SELECT ON migrations',
  'SELECT, INSERT, UPDATE ON owners',
  'SELECT, INSERT, UPDATE (expires_at, expiry_set_at, last_used_at, paused_at, revoked_at, revoked_by, revocation_reason) ON api_keys',
  'SELECT, INSERT ON audit_events',
  'SELECT, INSERT ON key_exposures',
  'SELECT, INSERT, UPDATE ON revocation_log',
  'SELECT, INSERT, UPDATE, DELETE ON revocation_outbox',
  'SELECT, INSERT, UPDATE ON key_activity',
  'SELECT, INSERT, UPDATE, DELETE ON deliveries',
  'SELECT, INSERT, UPDATE, DELETE ON delivery_pauses',
  'SELECT, INSERT, DELETE ON key_notices',
  'SELECT, INSERT, UPDATE, DELETE ON webhook_endpoints',
  'SELECT, INSERT, UPDATE ON email_recipients',
  'SELECT, INSERT, DELETE ON email_digest_entries',
  'EXECUTE ON FUNCTION keep_activity_partitions',
];

const named = z.array(z.object({ name: z.string() }));
const found = z.tuple([z.object({ isThere: z.boolean() })]);
const quoted = z.tuple([
  z.object({ role: z.string(), schema: z.string(), database: z.string(), isOwner: z.boolean() }),
]);

/** Whether each migration that this version knows has run. There may be more: those of a later version. */
export async function isUpToDate(database: DataSource): Promise<boolean> {
  const [{ isThere }] = found.parse(
    await database.query(`SELECT to_regclass('migrations') IS NOT NULL AS "isThere"`),
  );
  if (!isThere) return false;
  const run = named.parse(await database.query('SELECT name FROM migrations')).map(({ name }) => name);
  return database.migrations.every(({ name = '' }) => run.includes(name));
}

/**
 * Migrates the schema while others use it; processes that migrate at the same time take turns. Each migration is a
 * separate transaction: one that held a table while it waited for another could deadlock with a statement that reads
 * both. If one fails, those before it stay applied, which older versions can work with.
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
 * Gives a role what it needs to serve, and revokes everything else it has on the tables of keys. Rejects if the role is
 * the owner of the tables, which could grant itself any right again.
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

/** Whether a table was in use for too long (lock_not_available), or by someone who waited for us (deadlock_detected). */
function isInUse(err: unknown): boolean {
  return err instanceof QueryFailedError && inUse.safeParse(err.driverError).success;
}

async function underLock(database: DataSource, work: (session: QueryRunner) => Promise<void>): Promise<void> {
  const session: QueryRunner = database.createQueryRunner();
  try {
    // Another replica may migrate for longer than the statement timeout allows.
    await session.query('SET statement_timeout = 0; SET lock_timeout = 0');
    await session.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await work(session);
  } finally {
    await session.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    await session.query(SET_TIMEOUTS).catch(() => undefined);
    await session.release();
  }
}
