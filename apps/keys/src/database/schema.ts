import type { DataSource, QueryRunner } from 'typeorm';
import { z } from 'zod';
import { lockNumber } from '#libs/postgres';

/** Replicas that start together migrate one after the other under it. */
const MIGRATION_LOCK = lockNumber('keys: migrations');

/**
 * What the role by which keys serves may do. All that is left to whoever has its password is what keys itself does:
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

/** Brings the schema up to date, after whoever does so at this moment. Changes nothing when that fails. */
export async function migrate(database: DataSource): Promise<void> {
  await underLock(database, async () => {
    await database.runMigrations({ transaction: 'all' });
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

async function underLock(database: DataSource, work: () => Promise<void>): Promise<void> {
  const session: QueryRunner = database.createQueryRunner();
  try {
    // Another replica may be migrating for longer than a statement may take otherwise.
    await session.query('SET statement_timeout = 0; SET lock_timeout = 0');
    await session.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await work();
  } finally {
    await session.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    await session.query('RESET statement_timeout; RESET lock_timeout').catch(() => undefined);
    await session.release();
  }
}
