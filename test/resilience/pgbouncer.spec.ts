import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  Stack,
  TEST_SECRETS,
  type TestDatabase,
  acknowledged,
  call,
  isKeysUnavailable,
  makeKeysDatabase,
  startProgram,
  startRedis,
  until,
} from '#libs/testing';
import { PgBouncer } from './pgbouncer.js';

describe('through PgBouncer with a session for each client', () => {
  let direct: TestDatabase;
  let pooler: PgBouncer;
  let stack: Stack;
  beforeAll(async () => {
    direct = await makeKeysDatabase();
    pooler = await PgBouncer.start('session', [direct.url, direct.servingUrl]);
    const [url, servingUrl] = [pooler.through(direct.url), pooler.through(direct.servingUrl)];
    stack = await Stack.start({ database: { ...direct, url, servingUrl }, dashboards: 1 });
  });
  afterAll(async () => {
    await stack.stop();
    await pooler.stop();
  });

  const status = async (token: string): Promise<number> =>
    (await call(`${stack.gatewayUrl}/v1/me`, token)).status;

  it('keys are issued, verified, paused and revoked, with acknowledgments', async () => {
    const { token, key } = await stack.issue();
    expect(await status(token)).toBe(200);
    await acknowledged(() => stack.manage.pause(key.id));
    expect(await status(token)).toBe(401);
    await stack.manage.resume(key.id);
    expect(await status(token)).toBe(200);
    expect(await acknowledged(() => stack.manage.revoke(key.id))).toMatchObject({ how: 'acknowledged' });
    expect(await status(token)).toBe(401);
  });

  it('sessions have their time-outs, which PgBouncer does not accept as a client connects', async () => {
    const { rows } = await direct.query(
      `SELECT count(*)::int AS listening FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'`,
    );
    expect(rows).toEqual([{ listening: 1 }]);
    // A row that another transaction holds is waited for as long as the time-out says.
    const { key } = await stack.issue();
    await direct.query('BEGIN');
    await direct.query('SELECT FROM api_keys FOR UPDATE');
    await expect(stack.manage.revoke(key.id)).rejects.toMatchObject({ status: 503 });
    await direct.query('ROLLBACK');
  });

  it('keys goes on by itself once PgBouncer is back', async () => {
    const { token, key } = await stack.issue();
    await pooler.stop();
    expect(isKeysUnavailable(await call(`${stack.gatewayUrl}/v1/me`, token))).toBe(true);
    await pooler.restart();
    await until(async () => (await status(token)) === 200);
    expect((await stack.manage.revoke(key.id)).effective).toBe(true);
    expect(await status(token)).toBe(401);
  });
});

describe.each(['transaction', 'statement'] as const)('PgBouncer with pool_mode = %s', (mode) => {
  it('is refused at start, with a sentence that says what to set', async () => {
    const database = await makeKeysDatabase();
    const [pooler, redis] = [
      await PgBouncer.start(mode, [database.url, database.servingUrl]),
      await startRedis(),
    ];
    const settings = {
      ...TEST_SECRETS,
      DATABASE_URL: pooler.through(database.servingUrl),
      DASHBOARD_DATABASE_URL: pooler.through(database.url),
      REDIS_URL: redis.url,
      KEYS_MANAGE_URL: 'http://127.0.0.1:1',
      GATEWAY_URL: 'http://127.0.0.1:1',
    };
    const why = mode === 'transaction' ? /set pool_mode = session/ : /statement pooling/i;
    for (const name of ['keys', 'dashboard', 'migrate']) {
      const program = startProgram(`bin/${name}.js`, settings);
      expect({ name, code: await program.exited }).toEqual({ name, code: 1 });
      expect(program.stderr.trim()).toMatch(why);
      expect(program.stderr.trim()).not.toContain('\n');
    }
    await Promise.all([pooler.stop(), redis.stop(), database.close()]);
  });
});
