import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { databaseTrouble } from '#libs/postgres';
import { type TestDatabase, makeDatabase } from '#libs/testing';
import { openDatabase } from './open-database.js';
import { PreparedStatement } from './prepared-statement.js';

let server: TestDatabase;
let database: DataSource;
beforeAll(async () => {
  server = await makeDatabase();
  database = await openDatabase({ url: server.url, poolSize: 2 });
});
afterAll(async () => {
  if (database.isInitialized) await database.destroy();
  await server.close();
});

describe('a prepared statement', () => {
  it('is prepared once per connection', async () => {
    const text = `
      SELECT count(*)::int AS statements, sum(generic_plans + custom_plans)::int AS runs, $1::int AS given
        FROM pg_prepared_statements WHERE name = 'counted'`;
    const counted = new PreparedStatement(database, { name: 'counted', text });
    const runs = [];
    for (let i = 0; i < 3; i++) runs.push(await counted.run([i]));
    expect(runs).toEqual([0, 1, 2].map((given) => [{ statements: 1, runs: given + 1, given }]));
  });

  it('rejects with the error of PostgreSQL', async () => {
    const wrong = new PreparedStatement(database, { name: 'wrong', text: 'SELECT 1 / $1::int' });
    await expect(wrong.run([0])).rejects.toMatchObject({ code: '22012' });
    const ended = new PreparedStatement(database, {
      name: 'ended',
      text: 'SELECT pg_terminate_backend(pg_backend_pid())',
    });
    const failure: unknown = await ended.run([]).catch((err: unknown) => err);
    expect(databaseTrouble(Object.assign(new Error('as in a process of its own'), failure))).toBe(
      'unavailable',
    );
    expect(await wrong.run([1])).toEqual([{ '?column?': 1 }]);
  });

  it('cannot be created on a database that is not open', async () => {
    await database.destroy();
    expect(() => new PreparedStatement(database, { name: 'x', text: 'SELECT 1' })).toThrow('no open pool');
  });
});
