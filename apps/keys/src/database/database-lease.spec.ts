import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { lockNumber } from '#libs/postgres';
import { TcpProxy, type TestDatabase, makeDatabase, openDatabase as openTestDatabase } from '#libs/testing';
import { DatabaseLease } from './database-lease.js';
import { openDatabase } from './open-database.js';

const LOCK = lockNumber('keys: who serves the database');

let server: TestDatabase;
let network: TcpProxy;
let database: DataSource;
beforeAll(async () => {
  server = await makeDatabase();
  const url = new URL(server.url);
  network = await TcpProxy.start(Number(url.port));
  url.port = String(network.port);
  database = await openDatabase({ url: url.href, poolSize: 2 });
});
afterAll(async () => {
  await database.destroy();
  await network.stop();
  await server.close();
});

describe('the lease on a database', () => {
  it('is not taken from another process', async () => {
    await server.query('SELECT pg_advisory_lock($1)', [LOCK]);
    const lease = new DatabaseLease(database, true);
    await expect(lease.hold()).rejects.toThrow('Another keys service uses this database.');
    await server.query('SELECT pg_advisory_unlock($1)', [LOCK]);
  });

  it('is taken over from its own earlier session while others try to take it', async () => {
    const lease = new DatabaseLease(database, true);
    await lease.hold();
    const others = await Promise.all([1, 2, 3].map(() => openTestDatabase(server.url)));
    let isOver = false;
    const taken: unknown[] = [];
    const trying = others.map(async (other) => {
      while (!isOver) {
        const { rows } = await other.query('SELECT pg_try_advisory_lock($1) AS taken', [LOCK]);
        if (rows[0].taken === true) taken.push(rows);
      }
    });
    try {
      for (let i = 0; i < 20; i++) {
        network.cutClients();
        await lease.confirm().catch(() => lease.confirm());
      }
    } finally {
      isOver = true;
      await Promise.all(trying);
    }
    expect(taken).toEqual([]);
    await lease.onModuleDestroy();
    for (const other of others) await other.close();
  });
});
