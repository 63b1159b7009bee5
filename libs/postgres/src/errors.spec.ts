import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource, type EntityManager } from 'typeorm';
import { type TestDatabase, makeDatabase } from '#libs/testing';
import { databaseTrouble } from './errors.js';

let database: TestDatabase;
let dataSource: DataSource;
beforeAll(async () => {
  database = await makeDatabase();
  await database.query(
    'CREATE TABLE counters (id int PRIMARY KEY, count int); INSERT INTO counters VALUES (1, 0), (2, 0)',
  );
  dataSource = new DataSource({ type: 'postgres', url: database.url });
  await dataSource.initialize();
});
afterAll(async () => {
  await dataSource.destroy();
  await database.close();
});

/** The trouble of the rejection. An error from outside of jest's realm is copied into it. */
async function troubleWith(work: Promise<unknown>): Promise<unknown> {
  const failure = await work.then(
    () => 'it has not failed',
    (err: unknown) => err,
  );
  return databaseTrouble(failure);
}

const add = (manager: EntityManager, id: number): Promise<unknown> =>
  manager.query('UPDATE counters SET count = count + 1 WHERE id = $1', [id]);

/** Two transactions that both do their first half before either does its second. */
async function interleaved(
  isolation: 'READ COMMITTED' | 'REPEATABLE READ',
  halves: (manager: EntityManager, which: 0 | 1) => readonly [() => Promise<unknown>, () => Promise<unknown>],
): Promise<unknown[]> {
  let begun = 0;
  const run = (which: 0 | 1): Promise<unknown> =>
    dataSource.transaction(isolation, async (manager) => {
      const [first, second] = halves(manager, which);
      await first();
      begun++;
      while (begun < 2) await sleep(5);
      await second();
    });
  const [one, other] = [run(0), run(1)];
  const troubles = await Promise.all([troubleWith(one), troubleWith(other)]);
  return troubles.filter((trouble) => trouble !== undefined);
}

describe('the trouble with a database', () => {
  it.each([
    ['a query', (manager: EntityManager) => manager.query('SELECT 1')],
    [
      'a query builder',
      (manager: EntityManager) => manager.createQueryBuilder().select('1').from('counters', 'c').execute(),
    ],
  ])('is “unavailable” if a transaction has lost its connection before %s', async (_what, next) => {
    const transaction = dataSource.transaction(async (manager) => {
      const [{ pid }] = await manager.query('SELECT pg_backend_pid() AS pid');
      await database.query('SELECT pg_terminate_backend($1)', [pid]);
      await sleep(300);
      await next(manager);
    });
    expect(await troubleWith(transaction)).toBe('unavailable');
  });

  it('is “read-only” if it accepts no changes', async () => {
    const transaction = dataSource.transaction(async (manager) => {
      await manager.query('SET TRANSACTION READ ONLY');
      await add(manager, 1);
    });
    expect(await troubleWith(transaction)).toBe('read-only');
  });

  it('is a conflict if transactions cannot be serialized', async () => {
    const found = await interleaved('REPEATABLE READ', (manager) => [
      () => manager.query('SELECT * FROM counters'),
      () => add(manager, 1),
    ]);
    expect(found).toEqual(['conflict']);
  });

  it('is a conflict if transactions deadlock', async () => {
    const found = await interleaved('READ COMMITTED', (manager, which) => [
      () => add(manager, which === 0 ? 1 : 2),
      () => add(manager, which === 0 ? 2 : 1),
    ]);
    expect(found).toEqual(['conflict']);
  });

  it('is undefined if the statement is wrong', async () => {
    expect(await troubleWith(dataSource.query('SELECT 1 / 0'))).toBeUndefined();
    expect(await troubleWith(dataSource.query('SELEC'))).toBeUndefined();
  });
});
