import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { acknowledged, Stack, TEST_SECRETS, call, startProgram } from '#libs/testing';
import { Visitor } from '../dashboard/visitor.js';

/** A capability that a newer version has granted, before it was rolled back to this one. */
const UNKNOWN = 'invoices:read';

let stack: Stack;
let ada: Visitor;
let ownerId: string;
let odd: { token: string; id: string };
beforeAll(async () => {
  stack = await Stack.start({ dashboards: 1 });
  ada = new Visitor(stack.dashboardUrl);
  await ada.signUp();
  ownerId = (await ada.get('/api/session')).body.user.id;
  const { body } = await ada.makeKey('From a newer version', ['kb:read', 'desktop:read']);
  odd = { token: body.token, id: body.key.id };
  await stack.database.query('ALTER TABLE api_keys DISABLE TRIGGER USER');
  await stack.database.query('UPDATE api_keys SET capabilities = $1', [[UNKNOWN, 'desktop:read', 'kb:read']]);
  await stack.database.query('ALTER TABLE api_keys ENABLE TRIGGER USER');
});
afterAll(() => stack.stop());

describe('a key with a capability that this version does not know', () => {
  it('may do what is known, and does not affect keys that are verified with it', async () => {
    const good: string[] = [];
    while (good.length < 20) good.push((await stack.issue('grace', ['desktop:read'])).token);
    const tokens = [...good.slice(0, 10), odd.token, ...good.slice(10)];
    const answers = await Promise.all(tokens.map((token) => call(`${stack.gatewayUrl}/v1/me`, token)));
    expect(answers.map(({ status }) => status)).toEqual(tokens.map(() => 200));
    expect(answers[10]?.body).toMatchObject({ capabilities: ['desktop:read', 'kb:read', UNKNOWN] });
    expect((await call(`${stack.gatewayUrl}/v1/schedules`, odd.token)).body).toMatchObject({
      code: 'insufficient_scope',
      granted: ['desktop:read', 'kb:read', UNKNOWN],
    });
  });

  it('is listed with the others by the management API, the command line and the page', async () => {
    await ada.makeKey('Beside it');
    const { keys } = await stack.manage.list(ownerId, { state: 'active' });
    expect(keys.map(({ name }) => name)).toEqual(['Beside it', 'From a newer version']);
    expect((await ada.get('/api/keys')).body.keys).toHaveLength(2);
    const list = startProgram(
      'bin/cli.js',
      { KEYS_URL: stack.keysUrl, KEYS_MANAGE_TOKEN: TEST_SECRETS.KEYS_MANAGE_TOKEN },
      ['list', '--owner', ownerId],
    );
    expect(await list.exited).toBe(0);
    expect(list.stdout).toContain(UNKNOWN);
  });

  it('cannot be granted to a new key', async () => {
    const made = await ada.post('/api/keys', { name: 'x', capabilities: [UNKNOWN] });
    expect(made).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  });

  it('is revoked like any other', async () => {
    const revocation = await acknowledged(() => stack.manage.revoke(odd.id));
    expect(revocation).toMatchObject({ effective: true, how: 'acknowledged' });
    expect((await call(`${stack.gatewayUrl}/v1/me`, odd.token)).status).toBe(401);
  });
});
