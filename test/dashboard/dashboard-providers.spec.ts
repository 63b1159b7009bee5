import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import {
  type ServiceProcess,
  Stack,
  call,
  freePort,
  noteIssued,
  startDashboardProcess,
  until,
} from '#libs/testing';
import type { SignInError } from '../../apps/dashboard/src/contract.js';
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

/** Starts a sign-in. Returns the URL at the issuer to which the page sends the browser. */
async function begin(visitor: Visitor): Promise<URL> {
  const { status, body } = await visitor.post('/api/auth/sign-in/social', {
    provider: 'oidc',
    callbackURL: '/settings?tab=apiKeys',
    errorCallbackURL: '/sign-in',
  });
  expect(status).toBe(200);
  return new URL(body.url);
}

/** The callback URL to which the issuer sends the browser back, not yet opened. */
async function comeBack(visitor: Visitor): Promise<URL> {
  const url = await begin(visitor);
  return visitor.follow(url.href, ({ pathname }) => pathname.startsWith('/api/auth/callback/'));
}

/** Opens a callback URL and follows redirects to the page. */
function land(visitor: Visitor, callback: URL): Promise<URL> {
  return visitor.follow(callback.href, ({ pathname }) => ['/settings', '/sign-in'].includes(pathname));
}

const userOf = async (visitor: Visitor) => (await visitor.get('/api/session')).body.user;

/** `error` is what the page is told; the log names the exact `reason`. */
async function expectRefused(
  visitor: Visitor,
  landed: URL,
  error?: SignInError,
  reason?: string,
): Promise<void> {
  expect(landed.origin).toBe(dashboard.url);
  expect(landed.pathname).toBe('/sign-in');
  expect(landed.searchParams.get('error')).toEqual(error ?? expect.any(String));
  if (reason !== undefined) {
    await until(() => dashboard.process.stdout.includes(`"reason":"${reason}"`));
  }
  expect(await userOf(visitor)).toBeNull();
}

describe('an OpenID Connect issuer', () => {
  it('is the only way to sign in: passwords are refused', async () => {
    const { body } = await ada.get('/api/session');
    expect(body.signIn).toEqual({
      password: false,
      providers: [{ id: 'oidc', name: 'Example login' }],
    });
    expect((await ada.signUp()).status).toBe(400);
    expect((await ada.signIn()).status).toBe(400);
    expect(await userOf(ada)).toBeNull();
  });

  it('gets a new state, nonce and PKCE challenge every time', async () => {
    const [one, other] = [await begin(ada), await begin(ada)];
    expect(one.origin).toBe(issuer.url);
    expect(one.searchParams.get('code_challenge_method')).toBe('S256');
    expect(one.searchParams.get('redirect_uri')).toBe(`${dashboard.url}/api/auth/callback/oidc`);
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(one.searchParams.get(name)).toMatch(/^.{16,}$/);
      expect(one.searchParams.get(name)).not.toBe(other.searchParams.get(name));
    }
  });

  it('identifies the person', async () => {
    const landed = await land(ada, await comeBack(ada));
    expect(landed.pathname + landed.search).toBe('/settings?tab=apiKeys');
    const { email } = issuer.account;
    expect(await userOf(ada)).toMatchObject({ email, name: 'Ada', role: 'user', tier: 'free' });
    expect((await ada.makeKey()).status).toBe(201);
  });

  it('is named in the audit log of those who sign in with it', async () => {
    await land(ada, await comeBack(ada));
    const signIns = async () =>
      (await ada.get('/api/audit')).body.events.filter(
        ({ action }: { action: string }) => action === 'person.signed_in',
      );
    await until(async () => (await signIns()).length > 0);
    expect(await signIns()).toMatchObject([
      { isYours: true, address: '127.0.0.1', details: { method: 'oidc' } },
    ]);
  });

  it('recognizes a person by their id, not their email', async () => {
    await land(ada, await comeBack(ada));
    const { id } = await userOf(ada);
    const again = new Visitor(dashboard.url);
    issuer.account = { ...issuer.account, email: `new-${issuer.account.email}` };
    await land(again, await comeBack(again));
    expect(await userOf(again)).toMatchObject({ id });
  });

  it('leaves no tokens in the database', async () => {
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

  it('signs in nobody with an unverified email address', async () => {
    issuer.account = { ...issuer.account, isVerified: false };
    await expectRefused(ada, await land(ada, await comeBack(ada)), 'email_not_verified');
    expect(await usersWith(issuer.account.email)).toEqual([]);
  });

  it('signs in nobody once their email address is no longer verified', async () => {
    await land(ada, await comeBack(ada));
    const again = new Visitor(dashboard.url);
    issuer.account = { ...issuer.account, isVerified: false };
    await expectRefused(again, await land(again, await comeBack(again)), 'email_not_verified');
  });

  it('takes an address over from somebody who signed up with it by password', async () => {
    const squatter = new Visitor(stack.dashboardUrl);
    await squatter.signUp();
    const stolen = (await squatter.get('/api/session')).body.user.id;
    issuer.account = { ...issuer.account, email: squatter.email };
    await land(ada, await comeBack(ada));
    const user = await userOf(ada);
    expect(user.email).toBe(squatter.email);
    expect(user.id).not.toBe(stolen);
    await ada.makeKey();
    expect((await squatter.get('/api/keys')).body.keys).toEqual([]);
  });

  it('names the person by the best claim there is', async () => {
    const names: [Record<string, string>, string][] = [
      [{ preferred_username: 'ada.l' }, 'ada.l'],
      [{ given_name: 'Ada', family_name: 'Lovelace', preferred_username: 'ada.l' }, 'Ada Lovelace'],
      [{ nickname: 'The Countess' }, 'The Countess'],
      [{}, issuer.account.email.split('@')[0] ?? ''],
    ];
    for (const [profile, name] of names) {
      issuer.account = { ...issuer.account, id: randomUUID(), profile };
      const visitor = new Visitor(dashboard.url);
      await land(visitor, await comeBack(visitor));
      expect(await userOf(visitor)).toMatchObject({ name });
    }
  });
});

const usersWith = async (email: string): Promise<unknown[]> =>
  (await stack.database.query('SELECT id FROM dashboard."user" WHERE email = $1', [email])).rows;

/** The owner of a key, from `GET /v1/me`. */
const whose = async (token: string) => (await call(`${stack.gatewayUrl}/v1/me`, token)).body;

describe('an email address at the issuer', () => {
  it('is marked as verified in the API and in the keys service', async () => {
    await land(ada, await comeBack(ada));
    const { token } = (await ada.makeKey()).body;
    const { id, email } = await userOf(ada);
    expect(await whose(token)).toMatchObject({ userId: id, email, emailVerified: true });
    expect(await stack.manage.getOwner(id)).toMatchObject({ emailVerified: true, emailSource: 'dashboard' });
  });

  it('changes with the next sign-in, in the keys service too', async () => {
    await land(ada, await comeBack(ada));
    const { token } = (await ada.makeKey()).body;
    const { id } = await userOf(ada);
    const email = `new-${issuer.account.email}`;
    issuer.account = { ...issuer.account, email };
    const again = new Visitor(dashboard.url);
    await land(again, await comeBack(again));
    expect(await userOf(again)).toMatchObject({ id, email });
    expect((await again.get('/api/keys')).body.keys).toHaveLength(1);
    expect(await whose(token)).toMatchObject({ userId: id, email, emailVerified: true });
  });

  it('does not change to one that is not verified', async () => {
    await land(ada, await comeBack(ada));
    const { email } = issuer.account;
    issuer.account = { ...issuer.account, email: `new-${email}`, isVerified: false };
    const again = new Visitor(dashboard.url);
    await expectRefused(again, await land(again, await comeBack(again)), 'email_not_verified');
    expect(await userOf(ada)).toMatchObject({ email });
  });

  it('opens nothing of its former holder when it is reassigned', async () => {
    await land(ada, await comeBack(ada));
    const { token, key } = (await ada.makeKey()).body;
    const former = await userOf(ada);
    const { email } = issuer.account;
    issuer.account = { ...issuer.account, id: randomUUID() };
    const grace = new Visitor(dashboard.url);
    await land(grace, await comeBack(grace));
    const user = await userOf(grace);
    expect(user.email).toBe(email);
    expect(user.id).not.toBe(former.id);
    expect((await grace.get('/api/keys')).body.keys).toEqual([]);
    expect((await grace.post(`/api/keys/${key.id}/revoke`)).status).toBe(404);
    // The former holder keeps their keys, but not the verified address.
    expect((await ada.get('/api/keys')).body.keys).toHaveLength(1);
    expect(await whose(token)).toMatchObject({ userId: former.id, emailVerified: false });
    const again = new Visitor(dashboard.url);
    issuer.account = { ...issuer.account, id: issuer.account.id };
    await land(again, await comeBack(again));
    expect(await userOf(again)).toMatchObject({ id: user.id });
  });

  it('moves to a person who already has an account, too', async () => {
    const { email } = issuer.account;
    const grace = { id: randomUUID(), email: `grace-${email}`, isVerified: true };
    await land(ada, await comeBack(ada));
    issuer.account = grace;
    const visitor = new Visitor(dashboard.url);
    await land(visitor, await comeBack(visitor));
    const { id } = await userOf(visitor);
    issuer.account = { ...grace, email };
    await land(visitor, await comeBack(visitor));
    expect(await userOf(visitor)).toMatchObject({ id, email });
  });

  it('gives the keys that an operator has issued for it to one person only', async () => {
    const { email } = issuer.account;
    await stack.manage.putOwner(email, { email, emailSource: 'cli' });
    const { key, token } = await stack.manage.issue(email, { name: 'CI', capabilities: ['kb:read'] });
    noteIssued(token);
    await land(ada, await comeBack(ada));
    expect((await ada.get('/api/keys')).body.keys).toMatchObject([{ id: key.id }]);
    expect(await userOf(ada)).toMatchObject({ id: email });
    expect(await stack.manage.findOwnersByEmail(email)).toMatchObject([{ id: email, emailVerified: true }]);
    issuer.account = { ...issuer.account, id: randomUUID() };
    const grace = new Visitor(dashboard.url);
    await land(grace, await comeBack(grace));
    expect((await grace.get('/api/keys')).body.keys).toEqual([]);
  });
});

describe('a forged callback', () => {
  it('is refused with another state', async () => {
    const callback = await comeBack(ada);
    callback.searchParams.set('state', 'x'.repeat(32));
    await expectRefused(ada, await land(ada, callback));
  });

  it('is refused without a state', async () => {
    const callback = await comeBack(ada);
    callback.searchParams.delete('state');
    await expectRefused(ada, await land(ada, callback), 'expired', 'state_not_found');
  });

  it('is refused in a browser that did not start the sign-in', async () => {
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
    await expectRefused(ada, await land(ada, callback), 'expired', 'invalid_code');
  });

  it('is refused in the name of another issuer', async () => {
    const callback = await comeBack(ada);
    callback.searchParams.set('iss', 'https://evil.example');
    await expectRefused(ada, await land(ada, callback), 'failed', 'issuer_mismatch');
  });

  it.each([
    ['another nonce', { nonce: 'x'.repeat(32) }],
    ['no nonce', { nonce: undefined }],
    ['another issuer', { iss: 'https://evil.example' }],
    ['another client', { aud: 'another-client' }],
    ['an expiry in the past', { exp: 1_700_000_000 }],
  ])('is refused with an ID token for %s', async (_, claims) => {
    issuer.tamper = (genuine) => ({ ...genuine, ...claims });
    await expectRefused(ada, await land(ada, await comeBack(ada)), 'failed', 'unable_to_get_user_info');
  });
});

describe('a dashboard behind TLS', () => {
  it('sets cookies that no other host can set', async () => {
    const url = 'https://dashboard.example.com';
    const port = await freePort();
    const apart = await OidcIssuer.start(port, url);
    apart.account = issuer.account;
    const behindTls = await startDashboardProcess({
      ...stack.env,
      ...OIDC_CLIENT,
      OIDC_ISSUER: apart.url,
      DASHBOARD_URL: url,
    });
    const visitor = new Visitor(behindTls.url);
    const asked = await visitor.post('/api/auth/sign-in/social', { provider: 'oidc' }, { origin: url });
    expect(asked.headers.getSetCookie()).not.toEqual([]);
    const atIssuer = await visitor.follow(asked.body.url, ({ origin }) => origin === url);
    const callback = await visitor.get(atIssuer.pathname + atIssuer.search);
    expect(callback.status).toBe(302);
    const cookies = [...asked.headers.getSetCookie(), ...callback.headers.getSetCookie()];
    expect(cookies.some((cookie) => cookie.startsWith('__Host-dashboard.session_token='))).toBe(true);
    for (const cookie of cookies) {
      expect(cookie).toMatch(/^__Host-dashboard\./);
      expect(cookie).toMatch(/; Secure(;|$)/);
      expect(cookie).toMatch(/; Path=\/(;|$)/);
      expect(cookie).not.toMatch(/; Domain/i);
    }
    expect(callback.headers.get('strict-transport-security')).toMatch(/^max-age=15552000/);
    expect(await userOf(visitor)).toMatchObject({ email: issuer.account.email });
    await behindTls.process.stop();
    await apart.stop();
  });
});

describe('a list of who may sign in', () => {
  it('lets in the addresses and domains on it, and nobody else', async () => {
    const [issuerPort, port] = [await freePort(), await freePort()];
    const url = `http://localhost:${port}`;
    const choosy = await OidcIssuer.start(issuerPort, url);
    const settings = {
      ...stack.env,
      ...OIDC_CLIENT,
      OIDC_ISSUER: choosy.url,
      DASHBOARD_PORT: String(port),
    };
    const id = randomUUID().slice(0, 8);
    const one = `one-${id}@example.com`;
    let restricted = await startDashboardProcess({
      ...settings,
      SIGN_IN_ALLOWED: `@${id}.example.org, ${one.toUpperCase()}`,
    });
    const arrive = async (email: string): Promise<[Visitor, URL]> => {
      choosy.account = { id: randomUUID(), email, isVerified: true };
      const visitor = new Visitor(url);
      return [visitor, await land(visitor, await comeBack(visitor))];
    };
    const [somebody, landed] = await arrive(`ada@${id}.example.org`);
    expect(landed.pathname).toBe('/settings');
    expect((await arrive(one))[1].pathname).toBe('/settings');
    for (const email of [`two-${id}@example.com`, `ada@sub.${id}.example.org`, `ada@x${id}.example.org`]) {
      const [visitor, refused] = await arrive(email);
      expect(refused.searchParams.get('error')).toBe('not_allowed');
      expect((await visitor.get('/api/keys')).status).toBe(401);
      expect(await usersWith(email)).toEqual([]);
    }
    await restricted.process.stop();
    restricted = await startDashboardProcess({ ...settings, SIGN_IN_ALLOWED: one });
    expect((await somebody.get('/api/keys')).status).toBe(401);
    await restricted.process.stop();
    await choosy.stop();
  });

  it('applies to passwords, too', async () => {
    const restricted = await startDashboardProcess({ ...stack.env, SIGN_IN_ALLOWED: '@example.org' });
    const visitor = new Visitor(restricted.url);
    for (const path of ['sign-up', 'sign-in']) {
      const { email, password } = visitor;
      const body = { email, password, ...(path === 'sign-up' && { name: 'Ada' }) };
      const { status, body: problem } = await visitor.post(`/api/auth/${path}/email`, body);
      expect(status).toBe(403);
      expect(problem).toMatchObject({ code: 'sign_in_not_allowed' });
    }
    await restricted.process.stop();
  });
});

describe('an issuer that is down when the dashboard starts', () => {
  it('can be used once it is up', async () => {
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
