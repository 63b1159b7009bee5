import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuditEvent } from '#libs/keys-contract';
import { Stack, startDashboardProcess, until } from '#libs/testing';
import { type DashboardResponse, Visitor } from './visitor.js';

let stack: Stack;
let ada: Visitor;
let token: string;
beforeAll(async () => {
  stack = await Stack.start({ dashboards: 1 });
  ada = new Visitor(stack.dashboardUrl);
  await ada.signUp();
  token = (await ada.makeKey()).body.token;
});
afterAll(() => stack.stop());

function expectUnavailable({ status, headers, body }: DashboardResponse, code: string): void {
  expect(status).toBe(503);
  expect(body.code).toBe(code);
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
}

async function idOf({ email }: Visitor): Promise<string> {
  const { rows } = await stack.database.query('SELECT id FROM dashboard."user" WHERE email = $1', [email]);
  return rows[0].id;
}

describe('the dashboard', () => {
  it('answers 503 while its database is down, and recovers', async () => {
    const { dashboardsToDatabase } = stack.network;
    dashboardsToDatabase.cut();
    expectUnavailable(await ada.get('/api/keys'), 'unavailable');
    expectUnavailable(await ada.get('/api/session'), 'unavailable');
    expectUnavailable(await ada.signIn(), 'unavailable');
    expect((await ada.get('/healthz')).status).toBe(200);
    await until(async () => (await ada.get('/readyz')).status === 503); // its result is cached for up to a second
    dashboardsToDatabase.mend();
    await until(async () => (await ada.get('/readyz')).status === 200);
    expect((await ada.get('/api/keys')).status).toBe(200);
  });

  it('answers 503 to key tests while the gateway is down', async () => {
    await stack.gateways[0]?.kill();
    expectUnavailable(await ada.post('/api/keys/check', { token }), 'unavailable');
    expect((await ada.get('/api/keys')).body.keys).toHaveLength(1);
    await stack.gateways[0]?.restart();
    expect((await ada.post('/api/keys/check', { token })).body.status).toBe(200);
  });

  it('answers 503 while the keys service is down, and lets people sign out', async () => {
    await stack.keys[0]?.service.kill();
    expectUnavailable(await ada.get('/api/keys'), 'keys_unreachable');
    expectUnavailable(
      await ada.post('/api/keys', { name: 'Next', capabilities: ['desktop:read'] }),
      'keys_unreachable',
    );
    expect((await ada.post('/api/auth/sign-out')).status).toBe(200);
    // The title is known from before.
    expect((await ada.get('/api/session')).body).toMatchObject({ user: null, title: 'Le Bureau' });
    const { headers } = await ada.signIn();
    await stack.dashboards[0]?.kill();
    await stack.dashboards[0]?.restart();
    await stack.keys[0]?.service.restart();
    expect((await ada.get('/api/keys')).body.keys).toHaveLength(1);
    // What happened meanwhile is in the audit log, once.
    const ofSignIn = ({ requestId }: AuditEvent) => requestId === headers.get('x-request-id');
    const events = async () => (await stack.manage.listAuditEvents({ actor: await idOf(ada) })).events;
    await until(async () => (await events()).some(ofSignIn));
    const actions = (await events()).map(({ action }) => action);
    expect(actions.filter((action) => action.startsWith('person.'))).toEqual([
      'person.signed_in',
      'person.signed_out',
      'person.signed_in',
    ]);
    expect((await events()).filter(ofSignIn)).toHaveLength(1);
  });

  it('answers 503 if the keys service refuses its token', async () => {
    const stranger = await startDashboardProcess({
      ...stack.env,
      KEYS_MANAGE_TOKEN: 'another-manage-token-of-the-tests-0123456',
    });
    const visitor = new Visitor(stranger.url);
    expect((await visitor.get('/api/session')).body).toMatchObject({ user: null, title: null });
    await visitor.signUp();
    for (const path of ['/api/keys', '/api/catalogue'])
      expectUnavailable(await visitor.get(path), 'keys_unreachable');
    await stranger.process.waitForOutput('keys_said_invalid_token');
    await stranger.process.stop();
  });
});
