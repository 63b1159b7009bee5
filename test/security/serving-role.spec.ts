import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  acknowledged,
  type RunningProcess,
  Stack,
  type TestDatabase,
  call,
  makeDatabase,
  openDatabase,
  startProgram,
  uniqueName,
} from '#libs/testing';

const PASSWORD = 'the-password-of-the-role-that-serves';

/** The URL of the same database for another role. */
function as(role: string, url: string): string {
  const address = new URL(url);
  address.username = role;
  address.password = PASSWORD;
  return address.href;
}

async function migrate(url: string, role: string): Promise<RunningProcess> {
  const migrating = startProgram('bin/migrate.js', {
    DATABASE_URL: url,
    DATABASE_SERVING_ROLE: role,
  });
  await migrating.exited;
  return migrating;
}

describe('the serving role, which owns nothing', () => {
  let owned: TestDatabase;
  let serving: TestDatabase;
  let stack: Stack;
  let role: string;
  beforeAll(async () => {
    owned = await makeDatabase();
    role = uniqueName('serving').replaceAll('-', '_');
    await owned.query(`CREATE ROLE ${role} LOGIN PASSWORD '${PASSWORD}'`);
    const { stdout } = await migrate(owned.url, role);
    expect(stdout).toBe(`The database is up to date, and ${role} may serve from it.\n`);
    serving = await openDatabase(as(role, owned.url));
    stack = await Stack.start({ database: serving, env: { LAST_USED_EVERY_SECONDS: '1' } });
  });
  afterAll(async () => {
    await stack.stop();
    await serving.close();
    await owned.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    await owned.close();
  });

  it('can do everything that keys does', async () => {
    const { token, key } = await stack.issue('ada', ['kb:read']);
    expect((await call(`${stack.gatewayUrl}/v1/me`, token)).status).toBe(200);
    const { key: other } = await stack.issue('ada', ['kb:read']);
    await stack.manage.expire(other.id, { expiresAt: new Date(Date.now() + 60_000).toISOString() });
    await stack.manage.suspendOwner('ada');
    expect((await call(`${stack.gatewayUrl}/v1/me`, token)).status).toBe(401);
    await stack.manage.resumeOwner('ada');
    expect((await call(`${stack.gatewayUrl}/v1/me`, token)).status).toBe(200);
    const revocation = await acknowledged(() => stack.manage.revoke(key.id, { reason: 'leaked' }));
    expect(revocation).toMatchObject({ effective: true, how: 'acknowledged' });
    for (;;) {
      const { activity } = await stack.manage.activity(key.id);
      const { lastUsedAt } = await stack.manage.get(key.id);
      if (activity.length > 0 && lastUsedAt !== null) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    // What is acknowledged leaves the outbox a moment later.
    for (;;) {
      const { rows } = await serving.query('SELECT FROM revocation_outbox');
      if (rows.length === 0) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    for (const service of stack.keys) expect(service.service.process.stdout).not.toContain('"level":"error"');
  });

  it.each([
    [
      'undo a revocation',
      'UPDATE api_keys SET revoked_at = NULL, revoked_by = NULL',
      'a revocation is final',
    ],
    [
      'change a key’s capabilities',
      `UPDATE api_keys SET capabilities = '{desktop:control}'`,
      'permission denied',
    ],
    ['changes a hash', `UPDATE api_keys SET secret_hash = '$2b$04$x'`, 'permission denied'],
    ['gives a key to somebody else', `UPDATE api_keys SET owner_id = 'grace'`, 'permission denied'],
    ['delete keys', 'DELETE FROM api_keys', 'permission denied'],
    ['truncate a table', 'TRUNCATE api_keys CASCADE', 'permission denied'],
    ['rewrites the audit', `UPDATE audit_events SET actor = 'x'`, 'permission denied'],
    ['delete audit events', 'DELETE FROM audit_events', 'permission denied'],
    ['delete activity', 'DELETE FROM key_activity', 'permission denied'],
    ['disable triggers', 'ALTER TABLE api_keys DISABLE TRIGGER ALL', 'must be owner'],
    ['disable them for the session', `SET session_replication_role = 'replica'`, 'permission denied'],
    ['drop a trigger', 'DROP TRIGGER api_keys_stay_fixed ON api_keys', 'must be owner'],
    [
      'replace their function',
      'CREATE OR REPLACE FUNCTION api_keys_stay_fixed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$',
      'permission denied',
    ],
    ['drop a table', 'DROP TABLE audit_events', 'must be owner'],
    ['create a table', 'CREATE TABLE mine (id integer)', 'permission denied'],
    ['claims a migration', `INSERT INTO migrations (timestamp, name) VALUES (1, 'x')`, 'permission denied'],
    ['become the owner', 'SET ROLE keys', 'permission denied'],
  ])('cannot be used to %s', async (_, statement, why) => {
    await stack.issue();
    const { rows } = await serving.query(
      'SELECT count(*)::int AS n FROM api_keys WHERE revoked_at IS NOT NULL',
    );
    expect(rows[0].n).toBeGreaterThan(0);
    await expect(serving.query(statement)).rejects.toThrow(why);
  });

  it('cannot drop partitions too soon, whatever number it gives', async () => {
    const count = async (): Promise<number> =>
      (await owned.query(`SELECT count(*)::int AS n FROM pg_partition_tree('key_activity') WHERE level = 1`))
        .rows[0].n;
    const before = await count();
    expect(before).toBe(4);
    await serving.query('SELECT keep_activity_partitions(-1000)');
    expect(await count()).toBe(before);
  });

  it('does not start while migrations are missing, and says how to run them', async () => {
    await owned.query(`DELETE FROM migrations WHERE name LIKE 'ActivityPartitions%'`);
    const keys = startProgram('bin/keys.js', { ...stack.env, DATABASE_URL: serving.url });
    expect(await keys.exited).toBe(1);
    expect(keys.stderr).toContain('run dist/bin/migrate.js as their owner first');
    await owned.query('DROP FUNCTION keep_activity_partitions');
    expect(await (await migrate(owned.url, role)).exited).toBe(0);
  });

  it('must not be the owner of the tables', async () => {
    const { exited, stderr } = await migrate(owned.url, new URL(owned.url).username);
    expect(await exited).toBe(1);
    expect(stderr).toContain('owns the tables or may act as their owner: name another role');
  });
});
