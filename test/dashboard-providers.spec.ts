import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { type ServiceProcess, Stack, freePort, startDashboardProcess } from '#libs/testing';
import { OIDC_CLIENT, OidcIssuer } from './oidc-issuer.js';
import { Visitor } from './visitor.js';

let stack: Stack;
let issuer: OidcIssuer;
let dashboard: ServiceProcess;
let ada: Visitor;
beforeAll(async () => {
  stack = await Stack.start({ dashboards: 1 });
  const [issuerPort, port] = [await freePort(), await freePort()];
  issuer = await OidcIssuer.start(issuerPort, `http://localhost:${port}`);
  dashboard = await startDashboardProcess({
    ...stack.env,
    ...OIDC_CLIENT,
    OIDC_ISSUER: issuer.url,
    OIDC_NAME: 'Example login',
    DASHBOARD_PORT: String(port),
  });
});
afterAll(async () => {
  await dashboard.process.stop();
  await issuer.stop();
  await stack.stop();
});
beforeEach(() => {
  const id = randomUUID();
  issuer.account = { id, email: `${id}@example.com`, isVerified: true };
  issuer.tamper = undefined;
  ada = new Visitor(dashboard.url);
});

/** Begins to sign in: the address at the issuer to which the page sends the browser. */
async function begin(visitor: Visitor): Promise<URL> {
  const { status, body } = await visitor.post('/api/auth/sign-in/social', {
    provider: 'oidc',
    callbackURL: '/settings?tab=apiKeys',
    errorCallbackURL: '/sign-in',
  });
  expect(status).toBe(200);
  return new URL(body.url);
}

/** The address at the dashboard to which the issuer sends the browser back, not yet opened. */
async function comeBack(visitor: Visitor): Promise<URL> {
  const url = await begin(visitor);
  return visitor.follow(url.href, ({ pathname }) => pathname.startsWith('/api/auth/callback/'));
}

/** Opens an address of the dashboard, and answers where that leads: the page. */
function land(visitor: Visitor, callback: URL): Promise<URL> {
  return visitor.follow(callback.href, ({ pathname }) => ['/settings', '/sign-in'].includes(pathname));
}

const userOf = async (visitor: Visitor) => (await visitor.get('/api/session')).body.user;

async function expectRefused(visitor: Visitor, landed: URL, error?: string): Promise<void> {
  expect(landed.origin).toBe(dashboard.url);
  expect(landed.pathname).toBe('/sign-in');
  expect(landed.searchParams.get('error')).toEqual(error ?? expect.any(String));
  expect(await userOf(visitor)).toBeNull();
}

describe('an OpenID Connect issuer', () => {
  it('is the way in, and passwords are none', async () => {
    const { body } = await ada.get('/api/session');
    expect(body.signIn).toEqual({
      password: false,
      providers: [{ id: 'oidc', name: 'Example login' }],
    });
    expect((await ada.signUp()).status).toBe(400);
    expect((await ada.signIn()).status).toBe(400);
    expect(await userOf(ada)).toBeNull();
  });

  it('is asked with state, nonce and PKCE, each new every time', async () => {
    const [one, other] = [await begin(ada), await begin(ada)];
    expect(one.origin).toBe(issuer.url);
    expect(one.searchParams.get('code_challenge_method')).toBe('S256');
    expect(one.searchParams.get('redirect_uri')).toBe(`${dashboard.url}/api/auth/callback/oidc`);
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(one.searchParams.get(name)).toMatch(/^.{16,}$/);
      expect(one.searchParams.get(name)).not.toBe(other.searchParams.get(name));
    }
  });

  it('says who somebody is', async () => {
    const landed = await land(ada, await comeBack(ada));
    expect(landed.pathname + landed.search).toBe('/settings?tab=apiKeys');
    const { email } = issuer.account;
    expect(await userOf(ada)).toMatchObject({ email, name: 'Ada', role: 'user', tier: 'free' });
    expect((await ada.makeKey()).status).toBe(201);
  });

  it('leads the same person to the same account, by their id and not their email', async () => {
    await land(ada, await comeBack(ada));
    const { id } = await userOf(ada);
    const again = new Visitor(dashboard.url);
    issuer.account = { ...issuer.account, email: `new-${issuer.account.email}` };
    await land(again, await comeBack(again));
    expect(await userOf(again)).toMatchObject({ id });
  });

  it('gives nothing that is kept, but who it was', async () => {
    await land(ada, await comeBack(ada));
    const { rows } = await stack.database.query(
      `SELECT "accountId", "accessToken", "refreshToken", "idToken", password FROM dashboard.account
       WHERE "providerId" = 'oidc' AND "accountId" = $1`,
      [issuer.account.id],
    );
    expect(rows).toEqual([
      {
        accountId: issuer.account.id,
        accessToken: null,
        refreshToken: null,
        idToken: null,
        password: null,
      },
    ]);
  });

  it('opens no account of the same email address that nobody has checked', async () => {
    const squatter = new Visitor(stack.dashboardUrl);
    issuer.account = { ...issuer.account, email: squatter.email };
    await squatter.signUp();
    await expectRefused(ada, await land(ada, await comeBack(ada)), 'account_not_linked');
  });

  it('opens no account by an email address that it has not checked', async () => {
    await land(ada, await comeBack(ada));
    const mallory = new Visitor(dashboard.url);
    issuer.account = { ...issuer.account, id: randomUUID(), isVerified: false };
    await expectRefused(mallory, await land(mallory, await comeBack(mallory)), 'account_not_linked');
  });
});

describe('a forged return from the issuer', () => {
  it('is refused with another state', async () => {
    const callback = await comeBack(ada);
    callback.searchParams.set('state', 'x'.repeat(32));
    await expectRefused(ada, await land(ada, callback));
  });

  it('is refused without a state', async () => {
    const callback = await comeBack(ada);
    callback.searchParams.delete('state');
    await expectRefused(ada, await land(ada, callback), 'state_not_found');
  });

  it('is refused in a browser that has not asked for it', async () => {
    const mallory = new Visitor(dashboard.url);
    const callback = await comeBack(mallory);
    await expectRefused(ada, await land(ada, callback));
  });

  it('is refused the second time', async () => {
    const callback = await comeBack(ada);
    const cookie = ada.cookieFor(dashboard.url);
    expect((await land(ada, callback)).pathname).toBe('/settings');
    const again = await fetch(callback, { headers: { cookie }, redirect: 'manual' });
    expect(again.headers.get('location')).toMatch(/\/sign-in\?error=/);
    expect(again.headers.getSetCookie().join()).not.toContain('session_token=');
  });

  it("is refused with somebody else's code", async () => {
    const mallory = new Visitor(dashboard.url);
    const stolen = await comeBack(mallory);
    const callback = await comeBack(ada);
    callback.searchParams.set('code', stolen.searchParams.get('code') ?? '');
    await expectRefused(ada, await land(ada, callback), 'invalid_code');
  });

  it('is refused in the name of another issuer', async () => {
    const callback = await comeBack(ada);
    callback.searchParams.set('iss', 'https://evil.example');
    await expectRefused(ada, await land(ada, callback), 'issuer_mismatch');
  });

  it.each([
    ['another nonce', { nonce: 'x'.repeat(32) }],
    ['no nonce', { nonce: undefined }],
    ['another issuer', { iss: 'https://evil.example' }],
    ['another client', { aud: 'another-client' }],
    ['an end that is past', { exp: 1_700_000_000 }],
  ])('is refused with an ID token for %s', async (_, claims) => {
    issuer.tamper = (genuine) => ({ ...genuine, ...claims });
    await expectRefused(ada, await land(ada, await comeBack(ada)), 'unable_to_get_user_info');
  });
});

describe('an issuer that is away when the dashboard starts', () => {
  it('is the way in once it is back', async () => {
    const [issuerPort, port] = [await freePort(), await freePort()];
    const url = `http://localhost:${port}`;
    const alone = await startDashboardProcess({
      ...stack.env,
      ...OIDC_CLIENT,
      OIDC_ISSUER: `http://localhost:${issuerPort}`,
      DASHBOARD_PORT: String(port),
    });
    const visitor = new Visitor(url);
    const asked = await visitor.post('/api/auth/sign-in/social', { provider: 'oidc' });
    expect(asked.status).toBe(404);
    const late = await OidcIssuer.start(issuerPort, url);
    late.account = issuer.account;
    await land(visitor, await comeBack(visitor));
    expect(await userOf(visitor)).toMatchObject({ email: issuer.account.email });
    await alone.process.stop();
    await late.stop();
  });
});
