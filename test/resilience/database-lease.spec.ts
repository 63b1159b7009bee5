import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type RunningProcess,
  TEST_SECRETS,
  TcpProxy,
  type TestDatabase,
  type TestRedis,
  freePort,
  makeDatabase,
  openDatabase,
  runFolder,
  startKeysProcess,
  startProgram,
  startRedis,
  uniqueName,
} from '#libs/testing';

/*
 * npm start keeps the revocation log within its process. A second service on the same database would have another log, and
 * cache under it what the first revokes.
 */
describe('a database that npm start serves', () => {
  let database: TestDatabase;
  let redis: TestRedis;
  const started: RunningProcess[] = [];
  beforeEach(async () => {
    [database, redis] = await Promise.all([makeDatabase(), startRedis()]);
  });
  afterEach(async () => {
    for (const process of started.splice(0)) await process.stop();
    await redis.stop();
    await database.close();
  });

  async function npmStart(): Promise<RunningProcess> {
    const [gateway, manage, verify] = [await freePort(), await freePort(), await freePort()];
    const process = startProgram('bin/standalone.js', {
      DATABASE_URL: database.url,
      DATA_DIR: runFolder('data', uniqueName('data')),
      EXAMPLE_PORT: String(await freePort()),
      GATEWAY_PORT: String(gateway),
      KEYS_MANAGE_PORT: String(manage),
      KEYS_VERIFY_PORT: String(verify),
    });
    started.push(process);
    return process;
  }

  const keysEnv = () => ({ ...TEST_SECRETS, DATABASE_URL: database.url, REDIS_URL: redis.url });

  it('is refused to another npm start, until the first one ends', async () => {
    const first = await npmStart();
    await first.waitForOutput('are running');
    const second = await npmStart();
    await second.waitForOutput('Another keys service uses this database.');
    expect(await second.exited).toBe(1);
    await first.stop();
    await (await npmStart()).waitForOutput('are running');
  });

  it('is refused to keys, and one that keys serves is refused to npm start, but not to further replicas', async () => {
    const first = await npmStart();
    await first.waitForOutput('are running');
    const keys = startProgram('bin/keys.js', { ...keysEnv(), KEYS_HOST: '127.0.0.1' });
    await keys.waitForOutput('An npm start uses this database');
    expect(await keys.exited).toBe(1);
    await first.stop();

    const replicas = await Promise.all([startKeysProcess(keysEnv()), startKeysProcess(keysEnv())]);
    started.push(...replicas.map(({ service }) => service.process));
    const second = await npmStart();
    await second.waitForOutput('Another keys service uses this database.');
  });

  it('is claimed again after PostgreSQL has closed the connection that held the lease', async () => {
    await (await npmStart()).waitForOutput('are running');
    const holders = `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted
                        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
    const before = (await database.query(holders)).rows;
    expect(before).toHaveLength(1);
    await database.query(`SELECT pg_terminate_backend(pid) FROM (${holders}) AS held`);
    for (;;) {
      const { rows } = await database.query(holders);
      if (rows.length === 1 && rows[0].pid !== before[0].pid) break;
      await sleep(50);
    }
  });

  it('makes an npm start that loses it to another exit at once, with a message', async () => {
    const first = await npmStart();
    await first.waitForOutput('are running');
    const holder = `FROM pg_locks WHERE locktype = 'advisory' AND granted
                       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
    const { rows } = await database.query(
      `SELECT pid, (classid::bigint << 32) + objid::bigint AS lock ${holder}`,
    );
    const [{ pid, lock }] = rows;
    // This test waits for the lock, and so gets it the moment the first loses it.
    const taken = database.query('SELECT pg_advisory_lock($1)', [lock]);
    const other = await openDatabase(database.url);
    while (
      (await other.query(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`)).rowCount === 0
    );
    await other.query('SELECT pg_terminate_backend($1)', [pid]);
    await taken;
    await first.waitForOutput('Another keys service uses this database.');
    expect(await first.exited).toBe(1);
    await database.query('SELECT pg_advisory_unlock($1)', [lock]);
    await other.close();
    await (await npmStart()).waitForOutput('are running');
  });

  it('makes a keys service that loses it to an npm start exit once it learns of that', async () => {
    const network = await TcpProxy.start(Number(new URL(database.url).port));
    const url = new URL(database.url);
    url.port = String(network.port);
    const { service } = await startKeysProcess({ ...keysEnv(), DATABASE_URL: url.href });
    started.push(service.process);
    network.cut();
    const taker = await npmStart();
    await taker.waitForOutput('are running');
    network.mend();
    await service.process.waitForOutput('An npm start uses this database');
    expect(await service.process.exited).toBe(1);
    await network.stop();
  });
});
