import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type TestDatabase, makeDatabase } from '#libs/testing';
import { PrimaryOnly } from './primary-only.js';

let database: TestDatabase;
let pool: pg.Pool;
beforeEach(async () => {
  database = await makeDatabase();
  pool = new pg.Pool({ ...new PrimaryOnly().options, connectionString: database.url });
  pool.on('error', () => undefined);
});
afterEach(async () => {
  await pool.end();
  await database.close();
});

describe('a connection to PostgreSQL', () => {
  it('that is lost while held without a query fails the next query, and does not end the process', async () => {
    const client = await pool.connect();
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    await database.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
    // Without a listener, the error of the lost connection is an uncaught exception, which jest reports.
    await sleep(500);
    await expect(client.query('SELECT 1')).rejects.toThrow(/not queryable|terminat|ended/i);
    client.release(true);
    await expect(pool.query('SELECT 1')).resolves.toMatchObject({ rowCount: 1 });
  });

  it.each([
    ['datestyle', 'German', 'ISO, YMD'],
    ['intervalstyle', 'iso_8601', 'postgres'],
    ['timezone', 'Asia/Kathmandu', 'UTC'],
    ['bytea_output', 'escape', 'hex'],
    ['extra_float_digits', '-15', '1'],
    ['standard_conforming_strings', 'off', 'on'],
    ['default_transaction_isolation', 'serializable', 'read committed'],
    // A value with which a crash would lose revocations is not accepted; among the others, the operator may choose.
    ['synchronous_commit', 'off', 'on'],
    ['synchronous_commit', 'remote_apply', 'remote_apply'],
    ['synchronous_commit', 'local', 'local'],
    // This one may be chosen, too.
    ['default_transaction_read_only', 'on', 'on'],
  ])('has %s set: %s in the database is %s', async (name, value, expected) => {
    const { rows } = await database.query('SELECT current_database() AS database');
    await database.query(`ALTER DATABASE ${rows[0].database} SET ${name} = '${value}'`);
    const { rows: shown } = await pool.query<Record<string, string>>(`SELECT current_setting($1) AS value`, [
      name,
    ]);
    expect(shown[0]?.value).toBe(expected);
  });
});
