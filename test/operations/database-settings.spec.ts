import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Stack, type TestDatabase, call, makeDatabase, until } from '#libs/testing';
import { Visitor } from '../dashboard/visitor.js';

/** Sets something for all new sessions of a database, and ends the existing ones. */
async function alter(database: TestDatabase, ...settings: string[]): Promise<void> {
  const { rows } = await database.query('SELECT current_database() AS name');
  for (const setting of settings) await database.query(`ALTER DATABASE ${rows[0].name} ${setting}`);
  await database.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
  );
}

describe('on a database with unusual session settings', () => {
  let stack: Stack;
  beforeAll(async () => {
    const database = await makeDatabase();
    await alter(
      database,
      `SET datestyle = 'German'`,
      `SET intervalstyle = 'iso_8601'`,
      `SET timezone = 'Asia/Kathmandu'`,
      `SET bytea_output = 'escape'`,
      `SET extra_float_digits = -15`,
      `SET default_transaction_isolation = 'repeatable read'`,
      `SET synchronous_commit = off`,
    );
    stack = await Stack.start({ database, dashboards: 1, env: { LAST_USED_EVERY_SECONDS: '1' } });
  });
  afterAll(() => stack.stop());

  it('a key can be created, shown and used, and its activity shows', async () => {
    const { token, key } = await stack.issue();
    expect(Math.abs(Date.now() - Date.parse(key.createdAt))).toBeLessThan(60_000);
    const expiresAt = '2099-12-31T23:59:59.123Z';
    const request = { name: 'Next', capabilities: ['kb:read'], expiresAt };
    const next = await stack.manage.issue('ada', request, 'a-name-of-the-request');
    expect(next.key.expiresAt).toBe(expiresAt);
    await expect(stack.manage.issue('ada', request, 'a-name-of-the-request')).rejects.toMatchObject({
      code: 'already_issued',
    });
    expect((await call(`${stack.gatewayUrl}/v1/me`, token)).status).toBe(200);
    await until(async () => (await stack.manage.activity(key.id)).activity.length > 0);
    const { activity } = await stack.manage.activity(key.id);
    expect(activity).toMatchObject([{ route: 'GET /v1/me', status: 200, count: 1 }]);
    expect((await stack.manage.list('ada')).keys).toHaveLength(2);
  });

  it('simultaneous revokes of one key all succeed', async () => {
    for (let round = 0; round < 5; round++) {
      const { key } = await stack.issue();
      const revokes = await Promise.all(Array.from({ length: 8 }, () => stack.manage.revoke(key.id)));
      expect(new Set(revokes.map(({ key: { revokedAt } }) => revokedAt)).size).toBe(1);
    }
  });

  it('people can sign up, in and out, and create keys', async () => {
    const ada = new Visitor(stack.dashboardUrl);
    await ada.signUp();
    expect((await ada.makeKey()).status).toBe(201);
    expect((await ada.post('/api/auth/sign-out')).status).toBe(200);
    await ada.signIn();
    expect((await ada.get('/api/keys')).body.keys).toHaveLength(1);
  });
});

describe('on a read-only database', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await Stack.start({ dashboards: 1 });
  });
  afterAll(() => stack.stop());

  it('keys are verified, and changes get a 503 with Retry-After', async () => {
    const [used, other] = [await stack.issue(), await stack.issue()];
    const ada = new Visitor(stack.dashboardUrl);
    await ada.signUp();
    expect((await call(`${stack.gatewayUrl}/v1/me`, used.token)).status).toBe(200);

    await alter(stack.database, 'SET default_transaction_read_only = on');
    const readOnly = {
      status: 503,
      code: 'unavailable',
      message: expect.stringContaining('The database is read-only at the moment'),
    };
    // Until all earlier connections are closed, it counts as unavailable.
    await until(async () => {
      const refused: unknown = await stack.manage.revoke(used.key.id).catch((err: unknown) => err);
      expect(refused).toMatchObject({ status: 503, code: 'unavailable' });
      return refused instanceof Error && refused.message.includes('read-only');
    });
    await expect(stack.manage.revoke(used.key.id)).rejects.toMatchObject(readOnly);
    await expect(stack.manage.issue('ada', { name: 'x', capabilities: ['kb:read'] })).rejects.toMatchObject(
      readOnly,
    );
    await expect(stack.manage.putOwner('grace', { email: 'grace@example.com' })).rejects.toMatchObject(
      readOnly,
    );
    const answer = await ada.signIn();
    expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    for (const { token } of [used, other])
      expect((await call(`${stack.gatewayUrl}/v1/me`, token)).status).toBe(200);
  });

  it('keys can start and verify', async () => {
    await stack.keys[0]?.service.kill();
    await stack.keys[0]?.service.restart();
    expect((await call(`${stack.keysUrl}/readyz`)).status).toBe(200);
    await until(async () => (await call(`${stack.gatewayUrl}/readyz`)).status === 200);
  });

  it('everything works once it accepts changes again', async () => {
    await alter(stack.database, 'RESET default_transaction_read_only');
    // Until all earlier connections are closed, a change may fail; keys is ready before and after, which says nothing.
    await until(async () => {
      try {
        const { key } = await stack.issue();
        return (await stack.manage.revoke(key.id)).key.state === 'revoked';
      } catch (err) {
        expect(err).toMatchObject({ status: 503, code: 'unavailable' });
        return false;
      }
    });
  });
});
