import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  Stack,
  type TestDatabase,
  TEST_SECRETS,
  makeDatabase,
  openDatabase,
  startKeysProcess,
  startRedis,
} from '#libs/testing';

describe('migrating the database', () => {
  it('waits for long statements repeatedly, without blocking others, and takes indexes that are there', async () => {
    const stack = await Stack.start({ gateways: 0 });
    const { database } = stack;
    // What it does by itself would be in the way of what is undone here.
    await stack.keys[0]?.service.process.stop();
    await database.query(`DELETE FROM migrations WHERE name LIKE 'OwnerEmail%'`);
    await database.query('ALTER TABLE owners DROP COLUMN verified_email, DROP COLUMN email_source');
    await database.query(`DELETE FROM migrations WHERE name LIKE 'AuditIndexes%'`);
    await database.query('DROP INDEX audit_events_at, audit_events_owner_at, audit_events_action_at');
    await database.query(`DELETE FROM migrations WHERE name LIKE 'KeyNotices%'`);
    await database.query('DROP TABLE key_notices; DROP INDEX api_keys_expiry');
    await database.query('ALTER TABLE api_keys DROP COLUMN expiry_set_at');
    await database.query(`DELETE FROM migrations WHERE name LIKE 'PersonEvents%'`);
    await database.query('DROP INDEX audit_events_actor_at; ALTER TABLE audit_events DROP COLUMN source_id');
    const operations = readFileSync(join(import.meta.dirname, '../../../docs/operations.md'), 'utf8');
    const [, indexes = ''] = /```sql\n([^]*?)```/.exec(operations) ?? [];
    for (const statement of indexes.trim().split('\n')) await database.query(statement);
    const reader = await openDatabase(database.url);
    await reader.query('BEGIN; SELECT count(*) FROM owners');
    const starting = startKeysProcess({ ...stack.env, DATABASE_URL: database.url });
    // While it waits, and after it has given up for a moment, other statements are answered within a second.
    for (let asked = 0; asked < 20; asked++) {
      await database.query("SET lock_timeout = '1s'");
      await database.query('SELECT count(*) FROM owners');
      await sleep(150);
    }
    await reader.query('COMMIT');
    await reader.close();
    const { service } = await starting;
    const { rows } = await database.query(
      `SELECT FROM migrations WHERE name LIKE ANY ('{OwnerEmail%,AuditIndexes%,KeyNotices%,PersonEvents%}')`,
    );
    expect(rows).toHaveLength(4);
    await service.process.stop();
    await stack.stop();
  });
});

describe('the database', () => {
  let stack: Stack;
  let keyId: string;
  beforeAll(async () => {
    stack = await Stack.start({ gateways: 0 });
    await stack.issue();
    const { rows } = await stack.database.query('SELECT id FROM api_keys');
    keyId = rows[0].id;
  });
  afterAll(() => stack.stop());

  it.each([
    ['id', 'gen_random_uuid()'],
    ['owner_id', `'grace'`],
    ['name', `'Another'`],
    ['capabilities', `'{desktop:control}'`],
    ['secret_hash', `'$2b$04$another'`],
    ['last4', `'0000'`],
    ['created_at', 'now()'],
    ['created_by', `'mallory'`],
    ['replaces', 'id'],
    ['rate_limit_per_minute', '1000000'],
    ['allowed_ips', `'{203.0.113.7}'`],
  ])('keeps what is fixed at a key’s creation: %s', async (column, value) => {
    await stack.manage.putOwner('grace', { email: 'grace@example.com' });
    await expect(stack.database.query(`UPDATE api_keys SET ${column} = ${value}`)).rejects.toThrow(
      'what a key is made with is fixed',
    );
  });

  it('allows an earlier expiry, but not a later one', async () => {
    const set = (expiry: string) =>
      stack.database.query(`UPDATE api_keys SET expires_at = ${expiry} WHERE id = $1`, [keyId]);
    await set(`now() + interval '2 days'`);
    await set(`now() + interval '1 day'`);
    await expect(set(`now() + interval '3 days'`)).rejects.toThrow('an expiry may only come earlier');
    await expect(set('NULL')).rejects.toThrow('an expiry may only come earlier');
  });

  it('never undoes or changes a revocation', async () => {
    const { key } = await stack.issue();
    await stack.manage.revoke(key.id, { reason: 'leaked' });
    for (const change of [
      'revoked_at = NULL, revoked_by = NULL, revocation_reason = NULL',
      `revoked_at = now()`,
      `revoked_by = 'x'`,
      `revocation_reason = 'x'`,
    ]) {
      await expect(
        stack.database.query(`UPDATE api_keys SET ${change} WHERE revoked_at IS NOT NULL`),
      ).rejects.toThrow('a revocation is final');
    }
  });

  it.each([
    'DELETE FROM api_keys',
    'TRUNCATE api_keys',
    'DELETE FROM audit_events',
    'TRUNCATE audit_events',
    `UPDATE audit_events SET actor = 'x'`,
  ])('refuses: %s', async (statement) => {
    await expect(stack.database.query(statement)).rejects.toThrow('is never allowed');
  });

  it('rolls back an audit event together with the change', async () => {
    const count = async (): Promise<number> =>
      (await stack.database.query('SELECT count(*)::int AS n FROM audit_events')).rows[0].n;
    const before = await count();
    await stack.database.query('BEGIN');
    await stack.database.query(
      `INSERT INTO audit_events (action, actor, owner_id, details) VALUES ('key.issued', 'x', 'ada', '{}')`,
    );
    await stack.database.query('ROLLBACK');
    expect(await count()).toBe(before);
  });
});

describe('replicas that start together', () => {
  let database: TestDatabase;
  beforeAll(async () => void (database = await makeDatabase()));
  afterAll(() => database.close());

  it('migrate an empty database once', async () => {
    const redis = await startRedis();
    const env = { ...TEST_SECRETS, DATABASE_URL: database.url, REDIS_URL: redis.url };
    const replicas = await Promise.all(Array.from({ length: 4 }, () => startKeysProcess(env)));
    const { rows } = await database.query('SELECT name FROM migrations');
    const names = rows.map(({ name }) => name);
    expect(names).toContain('RateLimits1764300000000');
    expect(new Set(names).size).toBe(names.length);
    await Promise.all(replicas.map(({ service }) => service.process.stop()));
    await redis.stop();
  });
});
