import { get } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AuditEvent } from '#libs/keys-contract';
import { type ServiceProcess, Stack, call, startDashboardProcess, until } from '#libs/testing';
import { Visitor } from './visitor.js';

let stack: Stack;
let ada: Visitor;
beforeAll(async () => {
  stack = await Stack.start({ dashboards: 1 });
});
afterAll(() => stack.stop());
beforeEach(() => void (ada = new Visitor(stack.dashboardUrl)));

const sessionsOf = async ({ email }: Visitor): Promise<{ token: string }[]> => {
  const { rows } = await stack.database.query(
    `SELECT session.token FROM dashboard.session JOIN dashboard."user" ON "user".id = "userId" WHERE email = $1`,
    [email],
  );
  return rows;
};

/** Updates the timestamps of the visitor's sessions. */
const change = ({ email }: Visitor, what: string) =>
  stack.database.query(
    `UPDATE dashboard.session SET ${what} WHERE "userId" = (SELECT id FROM dashboard."user" WHERE email = $1)`,
    [email],
  );

/** Sends a path unchanged, which fetch would normalize. */
function getAsIs(path: string, cookie: string): Promise<{ status: number | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(stack.dashboardUrl);
    get({ hostname, port, path, headers: { cookie } }, (res) => {
      let text = '';
      res.on('data', (chunk: Buffer) => (text += chunk.toString()));
      res.on('end', () => resolve({ status: res.statusCode, text }));
    }).on('error', reject);
  });
}

describe('signing in', () => {
  it('is described to everybody, with the settings for the page', async () => {
    const { status, body, headers } = await ada.get('/api/session');
    expect(status).toBe(200);
    expect(body).toEqual({
      title: 'Le Bureau',
      user: null,
      signIn: { password: true, providers: [] },
      gatewayUrl: stack.gatewayUrl,
      keyPrefix: 'sk_live',
    });
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('works after signing up', async () => {
    const made = await ada.signUp();
    expect(made.status).toBe(200);
    expect(made.body).toEqual({});
    const user = { email: ada.email, name: 'Ada', image: null, role: 'user', tier: 'free' };
    expect((await ada.get('/api/session')).body.user).toMatchObject(user);
    ada.forgetCookies();
    expect((await ada.get('/api/session')).body.user).toBeNull();
    expect((await ada.signIn()).status).toBe(200);
    expect((await ada.get('/api/session')).body.user).toMatchObject(user);
  });

  it('sets a cookie that scripts cannot read and other sites cannot send', async () => {
    const [cookie = ''] = (await ada.signUp()).headers.getSetCookie();
    expect(cookie).toMatch(/^dashboard\.session_token=[^;]+; /);
    expect(cookie).toMatch(/; HttpOnly(;|$)/);
    expect(cookie).toMatch(/; SameSite=Lax(;|$)/);
    expect(cookie).toMatch(/; Path=\/(;|$)/);
    expect(cookie).toMatch(/; Max-Age=86400(;|$)/);
    expect(cookie).not.toMatch(/; (Secure|Domain)/);
  });

  it('refuses a wrong password and an unknown address alike', async () => {
    await ada.signUp();
    ada.forgetCookies();
    const attempt = (email: string) =>
      ada.post('/api/auth/sign-in/email', { email, password: 'not the password' });
    const wrong = await attempt(ada.email);
    const unknown = await attempt('nobody@example.com');
    expect(wrong.status).toBe(401);
    expect(wrong.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(wrong.body).toMatchObject({ code: 'sign_in_refused', status: 401 });
    expect({ ...unknown.body, requestId: '' }).toEqual({ ...wrong.body, requestId: '' });
  });

  it.each([
    ['a short password', { password: 'short' }, 'Password must be 8 to 128 characters.'],
    ['a common password', { password: 'Password1' }, 'That password is too common. Choose another.'],
    ['no email address', { email: 'ada' }, 'Email must look like ada@example.com.'],
    ['an unknown field', { role: 'admin' }, 'Unknown field "role".'],
  ])('refuses %s', async (_, wrong, detail) => {
    const body = { name: 'Ada', email: ada.email, password: ada.password, ...wrong };
    const { status, body: problem } = await ada.post('/api/auth/sign-up/email', body);
    expect(status).toBe(400);
    expect(problem).toMatchObject({ code: 'invalid_request', detail });
  });

  it('does not reveal at sign-up who has an account', async () => {
    await ada.signUp();
    const stranger = new Visitor(stack.dashboardUrl);
    const signUp = (email: string) =>
      stranger.post('/api/auth/sign-up/email', { name: 'Ada', email, password: 'a password of a stranger' });
    const [taken, free] = [await signUp(ada.email), await signUp(stranger.email)];
    expect(taken.status).toBe(200);
    expect([taken.status, taken.body]).toEqual([free.status, free.body]);
    expect([taken, free].flatMap(({ headers }) => headers.getSetCookie())).toEqual([]);
    const attempt = await stranger.post('/api/auth/sign-in/email', {
      email: ada.email,
      password: 'a password of a stranger',
    });
    expect(attempt.status).toBe(401);
    expect((await ada.signIn()).status).toBe(200);
  });

  it('does not redirect to other sites afterwards', async () => {
    for (const callbackURL of ['https://example.com/', '//example.com', '/\\example.com']) {
      const asked = await ada.post('/api/auth/sign-in/social', { provider: 'google', callbackURL });
      expect(asked.status).toBe(400);
    }
  });

  it('opens no other endpoint of better-auth', async () => {
    await ada.signUp();
    for (const path of ['get-session', 'list-sessions', 'ok', 'error', 'list-accounts', 'verify-email'])
      expect((await ada.get(`/api/auth/${path}`)).status).toBe(404);
    for (const path of [
      'update-user',
      'change-email',
      'delete-user',
      'link-social',
      'request-password-reset',
    ])
      expect((await ada.post(`/api/auth/${path}`, { name: 'x' })).status).toBe(404);
  });

  it.each([
    '/api/auth/callback/..\\list-sessions',
    '/api/auth/callback/..%5clist-sessions',
    '/api/auth/callback/..%2flist-sessions',
    '/api/auth/callback/%2e%2e%2flist-sessions',
    '/api/auth/callback/.%2e%5clist-sessions',
    '/api/auth/callback/%2e%2e',
    '/api/auth/callback/..',
    '/api/auth/callback/x%2f..%2f..%2flist-sessions',
    '/api/auth/callback/..\t\\list-sessions'.replace('\t', '%09'),
  ])('opens no other endpoint of better-auth by a path that leads elsewhere: %s', async (path) => {
    await ada.signUp();
    const { status, text } = await getAsIs(path, ada.cookieFor(stack.dashboardUrl));
    expect(status).toBe(404);
    expect(text).not.toContain('token');
  });
});

describe('the files of the page', () => {
  it('are compressed if the browser supports it, and cached forever if their name has a hash', async () => {
    const html = await (await fetch(`${stack.dashboardUrl}/sign-in`)).text();
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(html)?.[1] ?? '';
    const get = (encoding: string): Promise<Response> =>
      fetch(stack.dashboardUrl + script, { headers: { 'accept-encoding': encoding } });
    const [plain, compressed] = [await get('identity'), await get('gzip, br')];
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(compressed.headers.get('content-encoding')).toBe('br');
    for (const { headers } of [plain, compressed]) {
      expect(headers.get('content-type')).toMatch(/^(text|application)\/javascript/);
      expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(headers.get('vary')).toMatch(/accept-encoding/i);
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    }
    expect(Number(compressed.headers.get('content-length'))).toBeLessThan(
      Number(plain.headers.get('content-length')) / 2,
    );
    expect((await compressed.text()) === (await plain.text())).toBe(true);
    expect((await fetch(`${stack.dashboardUrl}${script}.br`)).status).toBe(404);
  });
});

describe('a session', () => {
  beforeEach(() => ada.signUp());

  it('replaces the former one at each sign-in', async () => {
    const [first] = await sessionsOf(ada);
    await ada.signIn();
    const sessions = await sessionsOf(ada);
    expect(sessions).toHaveLength(1);
    expect(sessions[0]?.token).not.toBe(first?.token);
  });

  it('ends on sign-out', async () => {
    const cookie = ada.cookieFor(stack.dashboardUrl);
    expect((await ada.get('/api/keys')).status).toBe(200);
    expect((await ada.post('/api/auth/sign-out')).status).toBe(200);
    expect(ada.cookieFor(stack.dashboardUrl)).toBe('');
    expect(await sessionsOf(ada)).toEqual([]);
    const { status, body } = await ada.get('/api/keys', { cookie });
    expect(status).toBe(401);
    expect(body.code).toBe('signed_out');
  });

  it('expires after a day without use', async () => {
    await change(ada, `"expiresAt" = now() - interval '1 second'`);
    expect((await ada.get('/api/keys')).status).toBe(401);
    expect(await sessionsOf(ada)).toEqual([]);
  });

  it('is extended by use', async () => {
    await change(ada, `"expiresAt" = now() + interval '22 hours'`);
    const used = await ada.get('/api/keys');
    expect(used.status).toBe(200);
    expect(used.headers.getSetCookie()[0]).toMatch(/^dashboard\.session_token=.*Max-Age=86400/);
    const { rows } = await stack.database.query(
      `SELECT "expiresAt" > now() + interval '23 hours' AS moved FROM dashboard.session WHERE token = $1`,
      [(await sessionsOf(ada))[0]?.token],
    );
    expect(rows).toEqual([{ moved: true }]);
  });

  it('expires after 30 days in any case', async () => {
    await change(ada, `"createdAt" = now() - interval '30 days' + interval '1 minute'`);
    expect((await ada.get('/api/keys')).status).toBe(200);
    await change(ada, `"createdAt" = now() - interval '30 days'`);
    expect((await ada.get('/api/keys')).status).toBe(401);
    expect(await sessionsOf(ada)).toEqual([]);
  });

  it('cannot be forged by changing the cookie', async () => {
    const cookie = ada.cookieFor(stack.dashboardUrl);
    const forged = cookie.replace(/=(.)/, (_, first) => (first === 'x' ? '=y' : '=x'));
    expect((await ada.get('/api/keys', { cookie: forged })).status).toBe(401);
    expect((await ada.get('/api/keys', { cookie: cookie.split('.').slice(0, 2).join('.') })).status).toBe(
      401,
    );
  });
});

describe('another site', () => {
  beforeEach(() => ada.signUp());

  it.each([
    ['with its own origin', { origin: 'https://evil.example' }],
    ['from the same site', { origin: '', 'sec-fetch-site': 'same-site' }],
    ['without an origin', { origin: '' }],
    ['with a null origin', { origin: 'null' }],
    ['with our origin but a cross-site header', { 'sec-fetch-site': 'cross-site' }],
    [
      'with its own origin but a same-origin header',
      { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
    ],
  ])('changes nothing %s', async (_, headers) => {
    const issue = await ada.post('/api/keys', { name: 'Stolen', capabilities: ['desktop:read'] }, headers);
    expect(issue.status).toBe(403);
    expect(issue.body.code).toBe('other_origin');
    expect((await ada.post('/api/auth/sign-out', {}, headers)).status).toBe(403);
    expect((await ada.get('/api/keys')).body.keys).toEqual([]);
  });

  it('is told where the dashboard is', async () => {
    const headers = { origin: stack.dashboardUrl.replace('localhost', '127.0.0.1') };
    const { email, password } = ada;
    const { status, body } = await ada.post('/api/auth/sign-in/email', { email, password }, headers);
    expect(status).toBe(403);
    expect(body).toMatchObject({
      code: 'other_origin',
      detail: `Open the dashboard at ${stack.dashboardUrl}: requests from other addresses are refused.`,
    });
  });

  it('is recognized by Sec-Fetch-Site alone', async () => {
    const same = { origin: '', 'sec-fetch-site': 'same-origin' };
    const check = await ada.post('/api/keys/check', { token: 'nothing' }, same);
    expect(check.status).toBe(400);
  });
});

describe('too many attempts', () => {
  let limited: ServiceProcess;
  let visitor: Visitor;
  beforeEach(async () => {
    limited = await startDashboardProcess({
      ...stack.env,
      SIGN_INS_PER_MINUTE: '3',
      TRUSTED_PROXIES: '127.0.0.1',
    });
    visitor = new Visitor(limited.url);
  });
  afterEach(() => limited.process.stop());

  const attempt = (email: string, address: string) =>
    visitor.post('/api/auth/sign-in/email', { email, password: 'a guess' }, { 'x-forwarded-for': address });

  it('from one address are refused for a while for any account, while other addresses continue', async () => {
    for (const name of ['ada', 'grace', 'linus'])
      expect((await attempt(`${name}@example.com`, '203.0.113.7')).status).toBe(401);
    const refused = await attempt('alan@example.com', '203.0.113.7');
    expect(refused.status).toBe(429);
    expect(refused.body.code).toBe('rate_limited');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect((await attempt('alan@example.com', '203.0.113.8')).status).toBe(401);
    // Only the address that the proxy has added counts, not what the client sent.
    expect((await attempt('alan@example.com', '198.51.100.1, 203.0.113.7')).status).toBe(429);
  });

  it('are counted by address without the port that a proxy writes', async () => {
    const addresses = ['203.0.113.9:51008', '203.0.113.9:51009', '[2001:db8::9]:443'];
    for (const [i, address] of addresses.entries())
      expect((await attempt(`first-${i}@example.com`, address)).status).toBe(401);
    expect((await attempt('third@example.com', '203.0.113.9:51010')).status).toBe(401);
    expect((await attempt('fourth@example.com', '203.0.113.9')).status).toBe(429);
    expect((await attempt('fifth@example.com', '203.0.113.10:51008')).status).toBe(401);
  });

  it.each(['an account', 'an unknown address'])(
    'for %s are refused for a while from any address',
    async (who) => {
      if (who === 'an account') await ada.signUp();
      await stack.database.query('DELETE FROM dashboard."rateLimit"');
      const { email } = ada;
      const statuses = [];
      for (let i = 1; i <= 5; i++)
        statuses.push((await attempt(i % 2 ? email : email.toUpperCase(), `198.51.100.${i}`)).status);
      expect(statuses).toEqual([401, 401, 401, 429, 429]);
      const refused = await attempt(email, '198.51.100.99');
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
      expect((await attempt('somebody-else@example.com', '198.51.100.1')).status).toBe(401);
    },
  );
});

describe('the audit log', () => {
  let proxied: ServiceProcess;
  beforeAll(async () => {
    proxied = await startDashboardProcess({
      ...stack.env,
      SIGN_INS_PER_MINUTE: '3',
      TRUSTED_PROXIES: '127.0.0.1',
    });
  });
  afterAll(() => proxied.process.stop());
  beforeEach(async () => {
    await ada.signUp();
    await ada.post('/api/auth/sign-out');
    await stack.database.query('DELETE FROM dashboard."rateLimit"');
  });

  const eventsOf = async ({ email }: Visitor, action: string): Promise<AuditEvent[]> => {
    const { rows } = await stack.database.query('SELECT id FROM dashboard."user" WHERE email = $1', [email]);
    const { events } = await stack.manage.listAuditEvents({ ownerId: rows[0].id, action });
    return [...events].reverse();
  };
  const attempt = (email: string, address: string, password = 'a guess') =>
    new Visitor(proxied.url).post(
      '/api/auth/sign-in/email',
      { email, password },
      { 'x-forwarded-for': address },
    );

  it('has who signed in and out, how, from where and in which request', async () => {
    const signedIn = await attempt(ada.email, '198.51.100.1, 203.0.113.7:4711', ada.password);
    const { headers } = await ada.signIn();
    const signedOut = await ada.post('/api/auth/sign-out', {}, { 'x-request-id': 'click-to-sign-out' });
    expect(signedOut.headers.get('x-request-id')).toBe('click-to-sign-out');
    await until(async () => (await eventsOf(ada, 'person.signed_out')).length === 2);
    const all = await eventsOf(ada, 'person.signed_in');
    const { actor, ownerId } = all[0] ?? {};
    expect(actor).toBe(ownerId);
    const expected = { actor, ownerId, keyId: null, details: { method: 'password' } };
    expect(all).toMatchObject([
      { address: '127.0.0.1' },
      { ...expected, address: '203.0.113.7', requestId: signedIn.headers.get('x-request-id') },
      { ...expected, address: '127.0.0.1', requestId: headers.get('x-request-id') },
    ]);
    expect(await eventsOf(ada, 'person.signed_out')).toMatchObject([
      {},
      { actor, address: '127.0.0.1', requestId: 'click-to-sign-out', details: {} },
    ]);
    // Somebody who is not signed in cannot sign out.
    await ada.post('/api/auth/sign-out');
    const { rows } = await stack.database.query('SELECT count(*)::int AS count FROM dashboard.audit_outbox');
    expect(rows).toEqual([{ count: 0 }]);
  });

  it('counts failed attempts by account, address and minute, and those from too many addresses together', async () => {
    const tries = [
      ...['203.0.113.7', '203.0.113.7', '203.0.113.8'], // as many as are allowed
      ...['203.0.113.8', '198.51.100.1', '198.51.100.2'],
    ];
    const statuses = [];
    for (const address of tries) statuses.push((await attempt(ada.email.toUpperCase(), address)).status);
    expect(statuses).toEqual([401, 401, 401, 429, 429, 429]);
    const unknown = `nobody-${ada.email}`;
    expect((await attempt(unknown, '198.51.100.3')).status).toBe(401);

    const failed = 'dashboard.failed_sign_ins';
    const { rows } = await stack.database.query(`SELECT address FROM ${failed} WHERE email = $1`, [unknown]);
    expect(rows).toEqual([{ address: '198.51.100.3' }]);
    // Their minute passes.
    await stack.database.query(`UPDATE ${failed} SET minute = minute - interval '1 day'`);
    const attemptsFrom = async (): Promise<Map<string | null, [attempts: number, limited: number]>> => {
      const sums = new Map<string | null, [number, number]>();
      for (const { actor, address, details } of await eventsOf(ada, 'person.sign_in_failed')) {
        expect([actor, details.method]).toEqual(['unknown', 'password']);
        const [attempts, limited] = sums.get(address) ?? [0, 0];
        sums.set(address, [attempts + Number(details.attempts), limited + Number(details.limited)]);
      }
      return sums;
    };
    await until(async () => (await attemptsFrom()).size === 3);
    expect(await attemptsFrom()).toEqual(
      new Map([
        ['203.0.113.7', [2, 0]],
        ['203.0.113.8', [2, 1]],
        [null, [2, 2]],
      ]),
    );
    const left = await stack.database.query(`SELECT FROM ${failed}`);
    expect(left.rows).toEqual([]);
  });

  it('counts attempts beyond the limit of an address for accounts that it has tried before, and for no others', async () => {
    const others = Array.from({ length: 3 }, (_, i) => `other-${i}-${ada.email}`);
    for (const email of [ada.email, ...others.slice(1)])
      expect((await attempt(email, '203.0.113.9')).status).toBe(401);
    for (const email of [ada.email, others[0] ?? ''])
      expect((await attempt(email, '203.0.113.9')).status).toBe(429);
    const { rows } = await stack.database.query(
      `SELECT email, sum(attempts)::int AS attempts, sum(limited)::int AS limited
         FROM dashboard.failed_sign_ins WHERE address = '203.0.113.9' GROUP BY email ORDER BY email`,
    );
    expect(rows).toEqual([
      { email: ada.email, attempts: 2, limited: 1 },
      { email: others[1], attempts: 1, limited: 0 },
      { email: others[2], attempts: 1, limited: 0 },
    ]);
  });
});

describe('a session cookie and a key', () => {
  it('are not interchangeable', async () => {
    await ada.signUp();
    const { body } = await ada.makeKey();
    const cookie = ada.cookieFor(stack.dashboardUrl);
    expect((await call(`${stack.gatewayUrl}/v1/me`, undefined, { headers: { cookie } })).status).toBe(401);
    const session = decodeURIComponent(cookie.split('=')[1] ?? '');
    expect((await call(`${stack.gatewayUrl}/v1/me`, session)).status).toBe(401);
    ada.forgetCookies();
    for (const token of [body.token, session]) {
      const authorization = `Bearer ${token}`;
      expect((await ada.get('/api/keys', { authorization })).status).toBe(401);
      expect((await ada.get('/api/session', { authorization })).body.user).toBeNull();
    }
    expect((await ada.get('/api/keys', { cookie: `dashboard.session_token=${body.token}` })).status).toBe(
      401,
    );
  });
});
