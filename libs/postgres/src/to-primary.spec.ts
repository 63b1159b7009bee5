import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type TestDatabase, makeDatabase } from '#libs/testing';
import { ToPrimary } from './to-primary.js';

let database: TestDatabase;
let pool: pg.Pool;
beforeEach(async () => {
  database = await makeDatabase();
  pool = new pg.Pool({ ...new ToPrimary().options, connectionString: database.url });
  pool.on('error', () => undefined);
});
afterEach(async () => {
  await pool.end();
  await database.close();
});

describe('a connection to PostgreSQL', () => {
  it('that is lost while somebody holds it and waits for nothing shows in the next query, and ends no process', async () => {
    const client = await pool.connect();
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    await database.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
    // Without a listener, the error of the lost connection is an uncaught exception, which jest reports.
    await sleep(500);
    await expect(client.query('SELECT 1')).rejects.toThrow(/not queryable|terminat|ended/i);
    client.release(true);
    await expect(pool.query('SELECT 1')).resolves.toMatchObject({ rowCount: 1 });
  });
});
