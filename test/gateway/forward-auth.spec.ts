import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, METHODS, request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { KeyFormat, newKeyId } from '#libs/key-format';
import {
  type Answer,
  type RunningProcess,
  Stack,
  call,
  callOnce,
  freePort,
  noteIssued,
  startProgram,
} from '#libs/testing';
import { FakeUpstream } from '../support/fake-upstream.js';
import { Proxy } from './forward-auth/proxies.js';

const NEEDED = 'kb:read';
/** Refused keys per minute from one address. */
const MAX_FAILURES = 300;

let stack: Stack;
/** The service of the recipe, and what stands before it and notes what the proxies send. */
let service: RunningProcess;
let upstream: FakeUpstream;
const proxies = new Map<string, Proxy>();
/** Keys that were used through them, whose activity has been reported in the end. */
const throughProxies: string[] = [];

beforeAll(async () => {
  stack = await Stack.start({
    env: {
      FORWARD_AUTH_AUDIENCES: 'reports,others',
      FAILED_AUTHENTICATIONS_PER_MINUTE: String(MAX_FAILURES),
      LAST_USED_EVERY_SECONDS: '1',
    },
  });
  const PORT = String(await freePort());
  const JWKS_URL = internal('/.well-known/jwks.json');
  service = startProgram('bin/forward-auth.js', { PORT, JWKS_URL });
  upstream = await FakeUpstream.start();
  upstream.respond((req, res) => {
    const headers = { 'x-le-bureau-identity': req.headers['x-le-bureau-identity'] };
    const asked = request({ port: PORT, host: '127.0.0.1', headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(res);
    });
    asked.on('error', (err) => res.destroy(err)).end();
  });
  const behind = { gateway: new URL(internal('/')).host, service: new URL(upstream.url).host };
  proxies.set('nginx', await Proxy.startNginx(behind));
  proxies.set('Caddy', await Proxy.startCaddy(behind));
});
afterAll(async () => {
  await Promise.all([...proxies.values()].map((proxy) => proxy.stop()));
  await service.stop();
  await upstream.stop();
  await stack.stop();
});

/** A URL of the gateway's internal port. */
function internal(path: string): string {
  return new URL(path, stack.gateways[0]?.metricsUrl).href;
}

/** A well-formed key that no deployment has issued. */
function forgedKey(): string {
  return new KeyFormat({ prefix: 'sk_live', tagSecrets: ['a secret that somebody guessed'] }).print(
    newKeyId(),
  ).text;
}

async function issue(ownerId: string, rateLimitPerMinute: number | null = null, capability = NEEDED) {
  const { token, key } = await stack.issue(ownerId, [capability]);
  if (rateLimitPerMinute === null) return { token, id: key.id };
  const limited = await stack.manage.issue(ownerId, {
    name: 'Limited',
    capabilities: [capability],
    rateLimitPerMinute,
  });
  return { token: limited.token, id: limited.key.id };
}

describe.each(['nginx', 'Caddy'])('a service behind %s', (name) => {
  const url = (path: string): string => `${proxies.get(name)?.url ?? ''}${path}`;

  it('gets requests with a valid key, and the identity that the gateway has signed', async () => {
    const { token } = await issue('ada');
    const reached = upstream.next();
    const answer = await call(url('/reports?year=2026'), token);
    expect(answer).toMatchObject({
      status: 200,
      body: { caller: { id: 'ada', capabilities: [NEEDED] } },
    });
    expect((await reached).url).toBe('/reports?year=2026');
    expect((await reached).headers.authorization).toBeUndefined();
  });

  it('gets bodies as they are', async () => {
    const { token } = await issue('ada');
    const body = 'x'.repeat(100_000);
    const reached = upstream.next();
    expect(await call(url('/reports'), token, { method: 'POST', body })).toMatchObject({ status: 200 });
    expect((await reached).method).toBe('POST');
    expect((await reached).body).toBe(body);
  });

  it('gets nothing of what a client says about itself', async () => {
    const { token, id } = await issue('grace');
    const reached = upstream.next();
    const headers = {
      'x-le-bureau-identity': 'forged',
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-method': 'DELETE',
      'x-forwarded-uri': '/else',
    };
    expect(await call(url('/reports'), token, { headers })).toMatchObject({
      status: 200,
      body: { caller: { id: 'grace' } },
    });
    expect((await reached).headers['x-le-bureau-identity']).not.toContain('forged');
    throughProxies.push(id);
  });

  it('gets no request without a key: 401 with a challenge and the problem', async () => {
    const answer = await call(url('/reports?year=2026'));
    expect(answer).toMatchObject({
      status: 401,
      body: { status: 401, code: 'credentials_missing', instance: '/reports', requestId: expect.any(String) },
    });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="api"');
    expectProblem(answer);
  });

  it('gets no request with a forged key: 401', async () => {
    const answer = await call(url('/reports'), forgedKey());
    expect(answer).toMatchObject({ status: 401, body: { code: 'invalid_token' } });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="api", error="invalid_token"');
  });

  it('gets no request with two keys: 400', async () => {
    const { hostname, port } = new URL(url('/'));
    const asked = request({
      hostname,
      port,
      path: '/reports',
      headers: ['host', `${hostname}:${port}`, 'authorization', 'Bearer a', 'authorization', 'Bearer b'],
    }).end();
    expect((await answerTo(asked)).statusCode).toBe(400);
  });

  it('gets no request of a key that lacks a capability: 403 that names it', async () => {
    const { token } = await issue('ada', null, 'schedule:read');
    const answer = await call(url('/reports'), token);
    expect(answer).toMatchObject({
      status: 403,
      body: { code: 'insufficient_scope', required: [NEEDED], granted: ['schedule:read'] },
    });
    expect(answer.headers.get('www-authenticate')).toContain(`error="insufficient_scope", scope="${NEEDED}"`);
    expectProblem(answer);
  });

  it('gets no request of a key from an address that it may not be used from, whatever the client says: 403', async () => {
    const issueFor = async (allowedIps: readonly string[]) => {
      const asked = { name: 'x', capabilities: [NEEDED], allowedIps };
      const { token } = await stack.manage.issue('ada', asked);
      noteIssued(token);
      return token;
    };
    const [here, elsewhere] = [await issueFor(['127.0.0.0/8']), await issueFor(['203.0.113.9'])];
    for (const headers of [{}, { 'x-forwarded-for': '203.0.113.9' }]) {
      expect((await call(url('/reports'), here, { headers })).status).toBe(200);
      const answer = await call(url('/reports'), elsewhere, { headers });
      expect(answer).toMatchObject({ status: 403, body: { code: 'address_not_allowed' } });
      expectProblem(answer);
    }
  });

  it('gets as many requests as the key may make: then 429 with Retry-After', async () => {
    const { token } = await issue('ada', 2);
    for (let i = 0; i < 2; i++) expect((await call(url('/reports'), token)).status).toBe(200);
    const answer = await call(url('/reports'), token);
    expect(answer).toMatchObject({
      status: 429,
      body: { code: 'rate_limited', 'violated-policies': ['per-key'] },
    });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answer.headers.get('ratelimit-policy')).toBe('"per-key";q=2;w=60');
    expectProblem(answer);
  });

  it('gets no request of a revoked key once the revoke has returned', async () => {
    const { token, id } = await issue('ada');
    expect((await call(url('/reports'), token)).status).toBe(200);
    let hasReturned = false;
    const after: number[] = [];
    const keepCalling = async (): Promise<void> => {
      while (after.length < 50) {
        const isAfter = hasReturned;
        const { status } = await callOnce(url('/reports'), token);
        if (isAfter) after.push(status);
      }
    };
    const calling = Promise.all([keepCalling(), keepCalling(), keepCalling(), keepCalling()]);
    await stack.manage.revoke(id);
    hasReturned = true;
    await calling;
    expect(new Set(after)).toEqual(new Set([401]));
  });

  it('gets no request of a key that cannot be checked: 503 with Retry-After', async () => {
    const { token } = await issue('ada');
    const [keys] = stack.keys;
    if (keys === undefined) throw new Error('there is no keys service');
    await keys.service.process.stop();
    const answer = await callOnce(url('/reports'), token);
    expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(answer.headers.get('retry-after')).toBe('1');
    await keys.service.restart();
    expect((await call(url('/reports'), token)).status).toBe(200);
  });
});

/** What a refusal has through a proxy as well. */
function expectProblem({ headers }: Answer): void {
  expect(headers.get('content-type')).toContain('application/problem+json');
  expect(headers.get('cache-control')).toBe('no-store');
}

/** The activity of a key once the gateway has reported it. */
async function untilActive(keyId: string) {
  for (;;) {
    const activity = await stack.manage.activity(keyId);
    if (activity.activity.length > 0) return activity;
    await sleep(100);
  }
}

async function answerTo(asked: ClientRequest): Promise<IncomingMessage> {
  const [answer] = await once(asked, 'response');
  return answer;
}

/** Sends a request to `/authorize` as no proxy here does. */
async function authorize(
  query: string,
  {
    token,
    method = 'GET',
    from = '198.51.100.1',
    headers = {},
    body,
  }: { token?: string; method?: string; from?: string | null; headers?: object; body?: string } = {},
): Promise<{ status: number | undefined; headers: IncomingMessage['headers']; text: string }> {
  const asked = request(internal(`/authorize${query}`), {
    method,
    agent: false, // some of these close the connection
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(from !== null && { 'x-forwarded-for': from }),
      ...(body !== undefined && { 'content-length': body.length }),
      ...headers,
    },
  });
  asked.end(body);
  const answer = await answerTo(asked);
  let text = '';
  for await (const chunk of answer) text += String(chunk);
  return { status: answer.statusCode, headers: answer.headers, text };
}

describe('/authorize', () => {
  it('is only on the internal port', async () => {
    const { token } = await issue('ada');
    expect((await call(`${stack.gatewayUrl}/authorize`, token)).status).toBe(404);
  });

  it('answers every method alike, but CONNECT, whose connection it closes', async () => {
    const { token } = await issue('ada');
    for (const method of METHODS.filter((method) => method !== 'CONNECT'))
      expect([method, (await authorize('', { token, method })).status]).toEqual([method, 204]);
    const { hostname, port } = new URL(internal('/'));
    const socket = connect(Number(port), hostname);
    socket.write(`CONNECT /authorize HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n\r\n`);
    const chunks = await socket.toArray();
    expect(chunks).toEqual([]);
  });

  it('ignores a body, as Traefik may send it', async () => {
    const { token } = await issue('ada');
    const body = '{"a":"'.padEnd(200_000, 'x');
    for (const method of ['GET', 'POST', 'DELETE'])
      for (const type of ['application/json', 'text/plain', 'a/b; c'])
        expect((await authorize('', { token, method, body, headers: { 'content-type': type } })).status).toBe(
          204,
        );
  });

  it('answers Envoy 200, and takes all of its client’s URI for data', async () => {
    const { token } = await issue('ada');
    const query = '?audience=others&capability=kb:read&status=200&uri=';
    const allowed = await authorize(`${query}/v1?audience=reports&capability=schedule:read`, { token });
    expect(allowed).toMatchObject({ status: 200, text: '', headers: { 'cache-control': 'no-store' } });
    expect(decodeJwt(String(allowed.headers['x-le-bureau-identity']))).toMatchObject({
      aud: 'others',
      sub: 'ada',
      capabilities: [NEEDED],
    });
    const refused = await authorize(`${query}/v1?a=b`, {});
    expect(JSON.parse(refused.text)).toMatchObject({ status: 401, instance: '/v1' });
    const leaked = await authorize(`${query}/v1?key=${forgedKey()}`, { token });
    expect(JSON.parse(leaked.text)).toMatchObject({
      status: 400,
      detail: expect.stringContaining('never in the URL'),
    });
  });

  it('signs for the first audience by default', async () => {
    const { token } = await issue('ada');
    const { headers } = await authorize('', { token });
    expect(decodeJwt(String(headers['x-le-bureau-identity'])).aud).toBe('reports');
    expect(headers['x-request-id']).toBeDefined();
  });

  it.each([
    ['?capabilty=kb:read', {}, 'there is no parameter "capabilty"'],
    ['?capability=', {}, 'capability must be a name'],
    ['?audience=desktops', {}, 'audience must be one of FORWARD_AUTH_AUDIENCES'],
    ['', { 'x-forwarded-method': 'GET', 'x-original-method': 'DELETE' }, 'X-Original-Method differ'],
    ['', { 'x-forwarded-uri': '/a', 'x-original-uri': '/b' }, 'X-Original-URI differ'],
    ['?status=200&uri=/a', { 'x-forwarded-uri': '/b' }, 'the uri parameter differs'],
  ])('refuses what a proxy should not ask: %s %j', async (query, headers, sentence) => {
    const { token } = await issue('ada');
    const answer = await authorize(query, { token, headers });
    expect(JSON.parse(answer.text)).toMatchObject({
      status: 400,
      code: 'invalid_request',
      detail: expect.stringContaining(sentence),
    });
    expect(answer.headers['x-le-bureau-identity']).toBeUndefined();
  });

  it('refuses headers that are too large', async () => {
    const { token } = await issue('ada');
    expect((await authorize('', { token, headers: { cookie: 'x'.repeat(16_384) } })).status).toBe(431);
  });

  it('puts the problem into one line of ASCII where the proxy needs it as a header', async () => {
    const headers = { 'x-forwarded-uri': Buffer.from('/café\t?a').toString('latin1') };
    const { status, headers: sent, text } = await authorize('?problem=header', { headers });
    expect(status).toBe(401);
    expect(JSON.parse(String(sent['x-le-bureau-problem']))).toEqual(JSON.parse(text));
    expect(sent['x-le-bureau-problem']).toMatch(/^[\x20-\x7e]+$/);
  });

  it('blocks the address that sent refused keys, by the last one in X-Forwarded-For, and no other', async () => {
    const { token } = await issue('ada');
    const from = '192.0.2.9, 198.51.100.7';
    for (let i = 0; i < MAX_FAILURES; i++)
      expect((await authorize('', { token: forgedKey(), from })).status).toBe(401);
    const blocked = await authorize('', { token: forgedKey(), from });
    expect(blocked).toMatchObject({ status: 429, headers: { 'retry-after': expect.any(String) } });
    expect((await authorize('', { token, from: '192.0.2.9, 198.51.100.8' })).status).toBe(204);
  });

  it('says once in the log that a proxy does not tell its clients’ addresses', async () => {
    const { token } = await issue('ada');
    for (let i = 0; i < 2; i++) await authorize('', { token, from: null });
    expect(stack.logs.split('a proxy sends no X-Forwarded-For').length).toBe(2);
  });

  it('logs what was asked for, and counts it', async () => {
    const { token, id } = await issue('ada');
    const headers = { 'x-original-method': 'PUT', 'x-original-uri': '/reports/7?secret=1' };
    expect((await authorize('?route=/reports/:id', { token, headers })).status).toBe(204);
    expect((await untilActive(id)).activity).toMatchObject([
      { route: 'PUT /reports/:id', status: 204, address: '198.51.100.1' },
    ]);
    expect(throughProxies).toHaveLength(2);
    for (const used of throughProxies)
      expect((await untilActive(used)).activity).toMatchObject([
        { route: 'GET /reports/*', status: 204, address: '127.0.0.1' },
      ]);
    const lines = stack.logs.split('\n').filter((line) => line.includes('"path":"/reports/7"'));
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      path: '/authorize',
      forwarded: { method: 'PUT', path: '/reports/7' },
      status: 204,
      keyId: id,
    });
    const counted = await stack.gateways[0]?.metrics(
      'http_request_duration_seconds_count{route="/authorize"',
    );
    expect(counted?.join()).toContain('method="GET",status="2xx"');
  });
});

describe('while no gateway answers', () => {
  beforeAll(async () => {
    await stack.gateways[0]?.process.stop();
  });

  it.each([
    ['nginx', 503],
    ['Caddy', 502],
  ])('%s lets nothing pass', async (name, status) => {
    const before = upstream.reached.length;
    const response = await fetch(`${proxies.get(name)?.url ?? ''}/reports`, {
      headers: { authorization: `Bearer ${forgedKey()}` },
    });
    expect(response.status).toBe(status);
    expect(upstream.reached).toHaveLength(before);
  });
});
