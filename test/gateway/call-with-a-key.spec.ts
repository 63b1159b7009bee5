import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KeyFormat, findKeyId, newKeyId } from '#libs/key-format';
import { Stack, TEST_SECRETS, call } from '#libs/testing';

let stack: Stack;
let me: string;
beforeAll(async () => {
  stack = await Stack.start();
  me = `${stack.gatewayUrl}/v1/me`;
});
afterAll(() => stack.stop());

/** Sends `head` unchanged, and returns the response. */
function sendRaw(head: string): Promise<string> {
  const { hostname, port } = new URL(stack.gatewayUrl);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(head));
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('end', () => resolve(answer));
    socket.on('error', reject);
  });
}

describe('GET /v1/me', () => {
  it('shows the key’s owner and capabilities, whatever they are', async () => {
    await stack.manage.putOwner('ada', { email: 'ada@example.com', role: 'admin', tier: 'pro' });
    const { token, key } = await stack.manage.issue('ada', {
      name: 'x',
      capabilities: ['kb:read', 'desktop:chat'],
    });
    const answer = await call(me, token);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.body).toEqual({
      userId: 'ada',
      email: 'ada@example.com',
      emailVerified: false,
      role: 'admin',
      tier: 'pro',
      keyId: key.id,
      capabilities: ['desktop:chat', 'kb:read'],
    });
  });

  it('answers the same from the cache', async () => {
    const { token } = await stack.issue();
    const [first, second] = [await call(me, token), await call(me, token)];
    expect(second.body).toEqual(first.body);
  });

  it('shows a change of the owner’s role and tier once the change has returned', async () => {
    const { token } = await stack.issue('changing');
    expect((await call(me, token)).body).toMatchObject({ role: 'user', tier: 'free' });
    await stack.manage.putOwner('changing', { email: 'changing@example.com', role: 'admin', tier: 'max' });
    expect((await call(me, token)).body).toMatchObject({ role: 'admin', tier: 'max' });
  });
});

describe('a request without a key', () => {
  it('gets a challenge without an error code (RFC 6750 section 3.1)', async () => {
    const answer = await call(me);
    expect(answer).toMatchObject({ status: 401, body: { code: 'credentials_missing', instance: '/v1/me' } });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="api"');
    expect(answer.headers.get('x-request-id')).toBe(Object(answer.body).requestId);
  });

  it.each([
    ['Basic', { authorization: 'Basic YWRhOng=' }],
    ['a cookie', { cookie: 'session=abc' }],
    ['another header', { 'x-api-key': 'sk_live_abc' }],
  ])('gets the same challenge with %s', async (_, headers) => {
    expect(await call(me, undefined, { headers })).toMatchObject({
      status: 401,
      body: { code: 'credentials_missing' },
    });
  });
});

describe('a malformed credential', () => {
  it.each(['Bearer', 'Bearer a b', 'Bearer a, Bearer b'])(
    'gets a 400 with a challenge: %s',
    async (authorization) => {
      const answer = await call(me, undefined, { headers: { authorization } });
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="api", error="invalid_request"');
    },
  );

  it('includes two credentials', async () => {
    const { token } = await stack.issue();
    const head = `GET /v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`;
    expect(await sendRaw(head)).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('includes one in the URL, with advice to revoke it, and is not logged', async () => {
    const { token } = await stack.issue();
    const answer = await call(`${me}?access_token=${token}`);
    expect(answer).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining('revoke this one') },
    });
    expect(JSON.stringify(answer.body)).not.toContain(token.slice(-46));
  });
});

describe('a key that is not valid', () => {
  it('gets the same response whether unknown, forged, mistyped, malformed, expired or revoked', async () => {
    const ours = new KeyFormat({ prefix: 'sk_live', tagSecrets: [TEST_SECRETS.KEY_TAG_SECRET] });
    const theirs = new KeyFormat({ prefix: 'sk_live', tagSecrets: ['a guess'] });
    const revoked = await stack.issue();
    await stack.manage.revoke(revoked.key.id);
    const { token: good } = await stack.issue();
    const expiresAt = new Date(Date.now() + 4000).toISOString();
    const expired = await stack.manage.issue('ada', { name: 'x', capabilities: ['kb:read'], expiresAt });
    expect((await call(me, expired.token)).status).toBe(200); // cached, and still refused once it has expired
    while (Date.now() <= Date.parse(expiresAt)) await new Promise((resolve) => setTimeout(resolve, 50));

    const tokens = {
      unknown: ours.print(newKeyId()).text,
      wrong_secret: ours.print(findKeyId(revoked.key.id) ?? newKeyId()).text,
      forged: theirs.print(newKeyId()).text,
      mistyped: good.slice(0, -1) + (good.endsWith('0') ? '1' : '0'),
      malformed: 'sk_live_hello',
      expired: expired.token,
      revoked: revoked.token,
    };
    const answers = await Promise.all(Object.values(tokens).map((token) => call(me, token)));
    for (const { status, headers, body } of answers) {
      expect(status).toBe(401);
      expect(headers.get('www-authenticate')).toBe('Bearer realm="api", error="invalid_token"');
      expect({ ...Object(body), requestId: '' }).toEqual({ ...Object(answers[0]?.body), requestId: '' });
    }
  });

  it('is distinguished only in the log, by a reason and the public ID', async () => {
    const { token, key } = await stack.issue();
    await stack.manage.revoke(key.id);
    const answer = await call(me, token, { headers: { 'x-request-id': 'find-me-in-the-log' } });
    expect(answer.headers.get('x-request-id')).toBe('find-me-in-the-log');
    await stack.gateways[0]?.process.waitForOutput('find-me-in-the-log');
    const line = stack.logs.split('\n').find((text) => text.includes('find-me-in-the-log')) ?? '';
    expect(JSON.parse(line)).toMatchObject({
      status: 401,
      reason: 'revoked',
      keyId: key.id,
      path: '/v1/me',
      method: 'GET',
    });
  });
});

describe('the gateway', () => {
  it.each([
    ['an unknown route', 'GET', '/v1/nothing', 404],
    ['a path that cannot be decoded', 'GET', '/v1/%zz', 400],
    ['a method that the route does not support', 'DELETE', '/v1/me', 405],
  ])('responds with a problem to %s', async (_, method, path, status) => {
    const answer = await call(stack.gatewayUrl + path, undefined, { method });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body).toMatchObject({ status, code: expect.any(String), requestId: expect.any(String) });
  });

  it.each([
    ['no HTTP request', 'hello\r\n\r\n', 400],
    [
      'a header with a control character',
      'GET /v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \u0001\r\n\r\n',
      400,
    ],
    ['headers without end', `GET /v1/me HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ])('responds with a problem even to invalid HTTP: %s', async (_, bytes, status) => {
    const [head = '', body = ''] = (await sendRaw(bytes)).split('\r\n\r\n');
    expect(head).toContain(`HTTP/1.1 ${status} `);
    expect(head).toContain('content-type: application/problem+json');
    expect(JSON.parse(body)).toMatchObject({
      status,
      detail: expect.any(String),
      requestId: expect.any(String),
    });
  });

  it('accepts only harmless request IDs', async () => {
    const given = async (id: string): Promise<string | null> =>
      (await call(me, undefined, { headers: { 'x-request-id': id } })).headers.get('x-request-id');
    expect(await given('abcdefgh-1')).toBe('abcdefgh-1');
    expect(await given('<script>alert</script>')).not.toContain('script');
    expect(await given('x'.repeat(65))).toHaveLength(36);
  });

  it('is live and ready, and says so without a key', async () => {
    expect(await call(`${stack.gatewayUrl}/healthz`)).toMatchObject({
      status: 200,
      body: { status: 'alive' },
    });
    expect(await call(`${stack.gatewayUrl}/readyz`)).toMatchObject({
      status: 200,
      body: { status: 'ready' },
    });
  });
});
