import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { type KeyId, keyIdFromUuid, newKeyId } from '#libs/key-format';
import { type TestDatabase, makeDatabase } from '#libs/testing';
import { openDatabase } from '../database/open-database.js';
import { poolOf } from '../database/prepared-statement.js';
import { KeyRows } from './key-rows.js';

let server: TestDatabase;
let database: DataSource;
let ids: KeyId[];
/** How many statements were sent so far: each takes a connection. */
let statements = 0;
beforeAll(async () => {
  server = await makeDatabase();
  database = await openDatabase({ url: server.url, poolSize: 2 });
  poolOf(database).on('acquire', () => statements++);
  await server.query(
    `INSERT INTO owners (id, email, role, tier) VALUES ('ada', 'ada@example.com', 'user', 'free')`,
  );
  const { rows } = await server.query(`
    INSERT INTO api_keys (id, owner_id, name, capabilities, secret_hash, last4, created_by)
      SELECT uuidv7(), 'ada', 'CI', '{desktop:read}', '$2b$04$' || repeat('x', 53), '0000', 'test'
        FROM generate_series(1, 250) RETURNING id`);
  ids = rows.map(({ id }) => keyIdFromUuid(String(id)));
});
afterAll(async () => {
  await database.destroy();
  await server.close();
});

describe('KeyRows', () => {
  it('reads the keys of one turn in one statement, and gives each caller the right row', async () => {
    const rows = new KeyRows(database);
    const before = statements;
    const [first, second, unknown, again] = [ids[0], ids[1], newKeyId(), ids[0]];
    if (first === undefined || second === undefined || again === undefined) throw new Error('no keys');
    const read = await Promise.all([first, second, unknown, again].map((id) => rows.read(id)));
    expect(read.map((row) => row && keyIdFromUuid(row.id))).toEqual([first, second, undefined, first]);
    expect(statements - before).toBe(1);
  });

  it('fails only the row that cannot be read', async () => {
    const { rows: odd } = await server.query(`
      INSERT INTO api_keys (id, owner_id, name, capabilities, secret_hash, last4, created_by, expires_at)
        VALUES (uuidv7(), 'ada', 'CI', '{desktop:read}', '$2b$04$' || repeat('x', 53), '0000', 'test', 'infinity')
        RETURNING id`);
    const rows = new KeyRows(database);
    const all = [...ids.slice(0, 20), keyIdFromUuid(String(odd[0]?.id))];
    const read = await Promise.allSettled(all.map((id) => rows.read(id)));
    expect(read.map(({ status }) => status)).toEqual([
      ...ids.slice(0, 20).map(() => 'fulfilled'),
      'rejected',
    ]);
  });

  it('reads at most a hundred rows per statement', async () => {
    const rows = new KeyRows(database);
    const before = statements;
    const read = await Promise.all(ids.map((id) => rows.read(id)));
    expect(read.map((row) => row && keyIdFromUuid(row.id))).toEqual(ids);
    expect(statements - before).toBe(3);
  });

  it('reads a row again for callers that come after the statement was sent', async () => {
    const rows = new KeyRows(database);
    const [id] = ids;
    if (id === undefined) throw new Error('no keys');
    const before = statements;
    const early = rows.read(id);
    await new Promise((resolve) => setImmediate(resolve)); // sent
    await server.query(
      `UPDATE api_keys SET revoked_at = now(), revoked_by = 'test', revocation_reason = 'test' WHERE revoked_at IS NULL`,
    );
    expect((await rows.read(id))?.revoked).toBe(true);
    expect(await early).toBeDefined();
    expect(statements - before).toBe(2);
  });

  it('says how long a key has left, to the microsecond, by PostgreSQL’s clock', async () => {
    const expiries = ['1', '-48', '2160', 'NULL'].map((hours) => `(now() + ${hours} * interval '1 hour')`);
    const { rows: made } = await server.query(`
      INSERT INTO api_keys (id, owner_id, name, capabilities, secret_hash, last4, created_by, expires_at)
        SELECT uuidv7(), 'ada', 'CI', '{desktop:read}', '$2b$04$' || repeat('x', 53), '0000', 'test', expires_at
          FROM (VALUES ${expiries.join()}) AS made (expires_at)
      RETURNING id`);
    const rows = new KeyRows(database);
    const read = await Promise.all(made.map(({ id }) => rows.read(keyIdFromUuid(String(id)))));
    const [hour, past, later, never] = read.map((row) => row?.expires_in_ms);
    const sinceMadeMs = 3_600_000 - Number(hour);
    expect(sinceMadeMs).toBeGreaterThan(0);
    expect(sinceMadeMs).toBeLessThan(60_000);
    expect(past).toBeCloseTo(-48 * 3_600_000 - sinceMadeMs, 3);
    expect(later).toBeCloseTo(2160 * 3_600_000 - sinceMadeMs, 3);
    expect(never).toBeNull();
  });

  it('rejects for every caller while PostgreSQL fails, and recovers', async () => {
    const rows = new KeyRows(database);
    const [id] = ids;
    if (id === undefined) throw new Error('no keys');
    await server.query('ALTER TABLE api_keys RENAME COLUMN secret_hash TO hidden');
    const failures = await Promise.allSettled([rows.read(id), rows.read(newKeyId())]);
    expect(failures.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await server.query('ALTER TABLE api_keys RENAME COLUMN hidden TO secret_hash');
    expect(await rows.read(id)).toMatchObject({ owner_id: 'ada', log: null });
  });
});
