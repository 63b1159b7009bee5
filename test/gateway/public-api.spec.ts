import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { LE_BUREAU } from '#libs/catalogue';
import { type Answer, Stack, call, startGatewayProcess } from '#libs/testing';
import { FakeUpstream } from '../support/fake-upstream.js';
import { PROMISED_ROUTES, type PromisedRoute, upstreamsAt } from '../support/routes.js';

let upstream: FakeUpstream;
let stack: Stack;
const tokens = new Map<string, string>();
beforeAll(async () => {
  upstream = await FakeUpstream.start();
  stack = await Stack.start({
    env: { ...upstreamsAt(upstream.url), CORS_ORIGINS: 'https://app.example.com' },
  });
  for (const capability of LE_BUREAU.names)
    tokens.set(capability, (await stack.issue('ada', [capability])).token);
});
afterAll(async () => {
  await stack.stop();
  await upstream.stop();
});
beforeEach(() => void upstream.reached.splice(0));

function send({ method, path, body }: PromisedRoute, token?: string): Promise<Answer> {
  const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  return call(stack.gatewayUrl + path, token, { method, ...(body !== undefined && json) });
}

const tokenWith = (capability: string): string => tokens.get(capability) ?? '';

describe.each(PROMISED_ROUTES.map((route) => ({ ...route, route })))(
  '$method $template',
  ({ route, needs }) => {
    it.each(LE_BUREAU.names)('to a key with only %s', async (capability) => {
      const answer = await send(route, tokenWith(capability));
      if (needs === capability || needs === 'any valid key') {
        expect(answer.status).toBe(200);
        expect(upstream.reached).toHaveLength(needs === 'any valid key' ? 0 : 1);
        return;
      }
      expect(answer).toMatchObject({
        status: 403,
        body: { code: 'insufficient_scope', required: [needs], granted: [capability] },
      });
      expect(answer.headers.get('x-accepted-capabilities')).toBe(needs);
      expect(upstream.reached).toEqual([]);
    });

    it('is refused without a key', async () => {
      expect(await send(route)).toMatchObject({ status: 401, body: { code: 'credentials_missing' } });
      expect(upstream.reached).toEqual([]);
    });
  },
);

it('needs every capability of the catalogue for some route, and no others', () => {
  const needed = PROMISED_ROUTES.map(({ needs }) => needs).filter((needs) => needs !== 'any valid key');
  expect([...new Set(needed)].sort()).toEqual([...LE_BUREAU.names].sort());
});

describe('the OpenAPI document', () => {
  it('lists every route with its capability, and no others', async () => {
    const { body } = await call(`${stack.gatewayUrl}/openapi.json`);
    const { openapi, paths } = Object(body);
    expect(openapi).toMatch(/^3\.1\./);
    const described = Object.entries<Record<string, Record<string, unknown>>>(paths).flatMap(
      ([template, item]) =>
        Object.entries(item).map(([method, operation]) => ({
          method: method.toUpperCase(),
          template,
          needs:
            Object(operation.security).length === 0
              ? 'no key'
              : (Object(operation['x-capabilities'])[0] ?? 'any valid key'),
        })),
    );
    const promised = [
      ...PROMISED_ROUTES.map(({ method, template, needs }) => ({ method, template, needs })),
      { method: 'POST', template: '/credentials/revoke', needs: 'no key' },
    ];
    const byName = (
      one: { template: string; method: string },
      other: { template: string; method: string },
    ): number => `${one.template} ${one.method}`.localeCompare(`${other.template} ${other.method}`);
    expect(described.sort(byName)).toEqual(promised.sort(byName));
  });

  it('has a page to try requests on, with scripts only from the gateway', async () => {
    const page = await fetch(`${stack.gatewayUrl}/docs`);
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    const html = await page.text();
    const links = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(
      ([, link = '']) => new URL(link, page.url),
    );
    expect(links.length).toBeGreaterThan(3);
    for (const link of links) {
      const { status, headers } = await fetch(link);
      expect([link.host, status]).toEqual([new URL(stack.gatewayUrl).host, 200]);
      expect(headers.get('content-type')).toMatch(/^(?:text\/(?:css|javascript)|image\/png)/);
    }
    expect((await call(`${stack.gatewayUrl}/docs/package.json`)).status).toBe(404);
  });
});

describe('a gateway whose catalogue names one of its services, and one that it does not know', () => {
  it('starts, and has the routes of the one it knows', async () => {
    const [desktops] = LE_BUREAU.groups;
    const unknown = { name: 'invoices', title: 'Invoices', upstream: 'invoices' };
    const capabilities = LE_BUREAU.capabilities.filter(({ group }) => group === desktops?.name);
    const catalogue = { title: 'A & <B>', groups: [desktops, unknown], capabilities };
    const gateway = await startGatewayProcess({ ...stack.env, CATALOGUE: JSON.stringify(catalogue) });
    expect((await call(`${gateway.url}/v1/desktops`, tokenWith('desktop:read'))).status).toBe(200);
    for (const path of ['/v1/schedules', '/v1/kb/search?q=a', '/v1/invoices'])
      expect((await call(gateway.url + path, tokenWith('schedule:read'))).status).toBe(404);
    const { paths, tags } = Object((await call(`${gateway.url}/openapi.json`)).body);
    expect(new Set(Object.keys(paths).map((path) => path.split('/')[2]))).toEqual(
      new Set(['me', 'desktops', 'revoke']),
    );
    expect(tags.map(({ name }: { name: string }) => name)).toEqual(['Me', 'Desktops', 'Leaked keys']);
    expect(await (await fetch(`${gateway.url}/docs`)).text()).toContain(
      '<title>A &#38; &#60;B&#62; API</title>',
    );
    expect((await call(`${gateway.url}/v1/me`)).headers.get('www-authenticate')).toBe(
      'Bearer realm="A & <B>"',
    );
    await gateway.process.waitForOutput(
      'group invoices has the upstream invoices, for which this gateway has no routes.',
    );
    await gateway.process.stop();
  });
});

describe('the forwarded request', () => {
  it.each([
    [
      'a list',
      'desktop:read',
      'GET',
      '/v1/desktops?limit=20&cursor=abc%3D%3D',
      '/v1/desktops?limit=20&cursor=abc%3D%3D',
    ],
    ['a note', 'kb:read', 'GET', '/v1/kb/notes/a%20b/c%3F%23.md', '/v1/kb/notes/a%20b/c%3F%23.md'],
    ['a note whose slash was encoded', 'kb:read', 'GET', '/v1/kb/notes/a%2Fb', '/v1/kb/notes/a/b'],
  ] as const)('has the path, encoded again: %s', async (_, capability, method, path, reached) => {
    await call(stack.gatewayUrl + path, tokenWith(capability), { method });
    expect(upstream.reached.map(({ url }) => url)).toEqual([reached]);
  });

  it('has the validated body, with defaults', async () => {
    await call(`${stack.gatewayUrl}/v1/desktops/desk-1/click`, tokenWith('desktop:control'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{ "y": 2,\n "x": 1, "x": 3 }',
    });
    expect(upstream.reached.map(({ body }): unknown => JSON.parse(body))).toEqual([
      { x: 3, y: 2, button: 'left', clicks: 1 },
    ]);
  });
});

describe('an invalid request', () => {
  it.each<[string, string, string, string, unknown, string]>([
    [
      'a position off the screen',
      'desktop:control',
      'POST',
      '/v1/desktops/d/click',
      { x: -1, y: 1 },
      'x must be an integer from 0 to 16383.',
    ],
    [
      'a number as text',
      'desktop:control',
      'POST',
      '/v1/desktops/d/click',
      { x: '1', y: 1 },
      'x must be an integer',
    ],
    [
      'half a pixel',
      'desktop:control',
      'POST',
      '/v1/desktops/d/click',
      { x: 1.5, y: 1 },
      'x must be an integer',
    ],
    ['no position', 'desktop:control', 'POST', '/v1/desktops/d/click', {}, 'x must be an integer'],
    [
      'an unknown button',
      'desktop:control',
      'POST',
      '/v1/desktops/d/click',
      { x: 1, y: 1, button: 'back' },
      'Button must be one of left, middle, right.',
    ],
    [
      'an unknown field',
      'desktop:control',
      'POST',
      '/v1/desktops/d/click',
      { x: 1, y: 1, z: 1 },
      'Unknown field "z".',
    ],
    [
      'a field for a route without fields',
      'desktop:lifecycle',
      'POST',
      '/v1/desktops/d/start',
      { force: true },
      'This route takes no body.',
    ],
    [
      'no text',
      'desktop:control',
      'POST',
      '/v1/desktops/d/type',
      { text: '' },
      'Text must be 1 to 10000 characters, without NUL.',
    ],
    [
      'a key of no keyboard',
      'desktop:control',
      'POST',
      '/v1/desktops/d/key',
      { keys: ['ctrl;'] },
      'Keys must be 1 to 8 characters or names',
    ],
    [
      'too many keys',
      'desktop:control',
      'POST',
      '/v1/desktops/d/key',
      { keys: Array(9).fill('a') },
      'Keys must be 1 to 8 characters or names',
    ],
    [
      'a timeout that is too long',
      'desktop:control',
      'POST',
      '/v1/desktops/d/python',
      { code: '1', timeoutSeconds: 601 },
      'Timeout in seconds must be an integer from 1 to 600.',
    ],
    [
      'null for an optional field',
      'desktop:chat',
      'POST',
      '/v1/desktops/d/chat',
      { message: 'x', stream: null },
      'stream must be true or false.',
    ],
    [
      'an id with a dot',
      'desktop:read',
      'GET',
      '/v1/desktops/a.b',
      undefined,
      'Desktop ID must be 1 to 64 letters',
    ],
    [
      'an id with an encoded slash',
      'desktop:read',
      'GET',
      '/v1/desktops/a%2Fscreenshot',
      undefined,
      'Desktop ID must be 1 to 64 letters',
    ],
    [
      'a page that is too long',
      'desktop:read',
      'GET',
      '/v1/desktops?limit=201',
      undefined,
      'Limit must be an integer from 1 to 200.',
    ],
    [
      'a query parameter twice',
      'desktop:read',
      'GET',
      '/v1/desktops?limit=1&limit=2',
      undefined,
      'Limit must be an integer',
    ],
    [
      'an unknown query parameter',
      'desktop:read',
      'GET',
      '/v1/desktops?owner=x',
      undefined,
      'Unknown field "owner".',
    ],
    [
      'a query for a route without one',
      'desktop:read',
      'GET',
      '/v1/desktops/d?fields=all',
      undefined,
      'This route takes no query.',
    ],
    [
      'six cron fields',
      'schedule:write',
      'PATCH',
      '/v1/schedules/s',
      { cron: '* * * * * *' },
      'Cron expression must have five fields',
    ],
    [
      'minute 60',
      'schedule:write',
      'PATCH',
      '/v1/schedules/s',
      { cron: '60 * * * *' },
      'Cron expression must have five fields',
    ],
    ['31 February', 'schedule:write', 'PATCH', '/v1/schedules/s', { cron: '0 0 31 2 *' }, 'match some day'],
    [
      'an unknown time zone',
      'schedule:write',
      'PATCH',
      '/v1/schedules/s',
      { timeZone: 'Europe/Atlantis' },
      'Time zone must be an IANA name such as Europe/Paris.',
    ],
    ['no words to search for', 'kb:read', 'GET', '/v1/kb/search', undefined, 'q must be 1 to 500 characters'],
    [
      'a parent folder, encoded twice',
      'kb:read',
      'GET',
      '/v1/kb/notes/a/%252e%252e/b',
      undefined,
      'Note path must be',
    ],
    [
      'a parent folder, with its slash encoded',
      'kb:read',
      'GET',
      '/v1/kb/notes/a%2F..%2Fb',
      undefined,
      'Note path must be',
    ],
    ['a note with a backslash', 'kb:read', 'GET', '/v1/kb/notes/a%5C..%5Cb', undefined, 'Note path must be'],
    ['a note without a name', 'kb:read', 'GET', '/v1/kb/notes/', undefined, 'Note path must be'],
  ])('is refused with a sentence: %s', async (_, capability, method, path, body, sentence) => {
    const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const answer = await call(stack.gatewayUrl + path, tokenWith(capability), {
      method,
      ...(body !== undefined && json),
    });
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', detail: expect.stringContaining(sentence) },
    });
    expect(upstream.reached).toEqual([]);
  });
});

describe('a request that the framework refuses', () => {
  it.each([
    ['an unknown route', 'GET', '/v1/desktop', {}, 404, 'not_found'],
    ['a route in capitals', 'GET', '/V1/DESKTOPS', {}, 404, 'not_found'],
    [
      'another content type',
      'POST',
      '/v1/desktops/d/chat',
      { headers: { 'content-type': 'text/plain' }, body: 'x' },
      415,
      'unsupported_media_type',
    ],
    [
      'no JSON',
      'POST',
      '/v1/desktops/d/chat',
      { headers: { 'content-type': 'application/json' }, body: '{' },
      400,
      'invalid_request',
    ],
    [
      'a body that is too large',
      'POST',
      '/v1/desktops/d/chat',
      { headers: { 'content-type': 'application/json' }, body: `{"message":"${'x'.repeat(1024 * 1024)}"}` },
      413,
      'body_too_large',
    ],
  ])('gets a problem, too: %s', async (_, method, path, init, status, code) => {
    const answer = await call(stack.gatewayUrl + path, tokenWith('desktop:chat'), { method, ...init });
    expect(answer).toMatchObject({ status, body: { code, requestId: expect.any(String) } });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(upstream.reached).toEqual([]);
  });

  it.each([
    ['DELETE', '/v1/desktops/d', 'GET, HEAD'],
    ['PUT', '/v1/schedules/s', 'GET, HEAD, PATCH'],
    ['GET', '/v1/desktops/d/bash', 'POST'],
    ['POST', '/v1/kb/notes/a/b', 'GET, HEAD'],
  ])('says which methods a route supports: %s %s', async (method, path, allow) => {
    const { gatewayUrl } = stack;
    const answer = await sendRaw(
      `${method} ${path} HTTP/1.1\r\nHost: ${new URL(gatewayUrl).host}\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 405 /);
    expect(answer).toContain(`\r\nallow: ${allow}\r\n`);
    expect(answer).toContain('"code":"method_not_allowed"');
  });
});

describe('a web page', () => {
  const preflight = (origin: string, asked = 'authorization,content-type'): Promise<Response> =>
    fetch(`${stack.gatewayUrl}/v1/desktops/d/chat`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': asked,
      },
    });

  it('may call if it is listed, with a key and never with cookies', async () => {
    const { status, headers } = await preflight('https://app.example.com');
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe('https://app.example.com');
    expect(headers.get('access-control-allow-credentials')).toBeNull();
    const answer = await call(`${stack.gatewayUrl}/v1/me`, tokenWith('kb:read'), {
      headers: { origin: 'https://app.example.com' },
    });
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
  });

  it('may send every header that services use, and read those of responses', async () => {
    const asked = 'idempotency-key,if-match,if-none-match,last-event-id,traceparent,tracestate';
    const { headers } = await preflight('https://app.example.com', asked);
    const allowed = headers.get('access-control-allow-headers')?.split(/, ?/);
    expect(allowed).toEqual(expect.arrayContaining(asked.split(',')));
    const answer = await call(`${stack.gatewayUrl}/v1/me`, tokenWith('kb:read'), {
      headers: { origin: 'https://app.example.com' },
    });
    const exposed = answer.headers.get('access-control-expose-headers')?.split(/, ?/);
    expect(exposed).toEqual(
      expect.arrayContaining(['etag', 'allow', 'content-disposition', 'retry-after', 'x-request-id']),
    );
  });

  it('may not call if it is not listed', async () => {
    const { headers } = await preflight('https://evil.example.com');
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });
});

/** Sends `text` unchanged, and returns the response. */
function sendRaw(text: string): Promise<string> {
  const { hostname, port } = new URL(stack.gatewayUrl);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

describe('an ambiguous request', () => {
  /** A key that may read the knowledge base, but no desktops. */
  const key = (): string => `Authorization: Bearer ${tokenWith('kb:read')}\r\n`;
  const close = 'Connection: close\r\n';
  const inner = 'POST /v1/desktops/d/bash HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n';

  it.each<[string, () => string, RegExp]>([
    [
      'has two Content-Lengths',
      () =>
        `POST /v1/desktops/d/chat HTTP/1.1\r\nHost: x\r\n${key()}Content-Length: 2\r\nContent-Length: 80\r\n\r\n{}${inner}`,
      /^HTTP\/1\.1 400 /,
    ],
    [
      'has a Content-Length and chunks',
      () =>
        `POST /v1/desktops/d/chat HTTP/1.1\r\nHost: x\r\n${key()}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner}`,
      /^HTTP\/1\.1 400 /,
    ],
    [
      'has an unknown transfer encoding',
      () =>
        `POST /v1/desktops/d/chat HTTP/1.1\r\nHost: x\r\n${key()}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${inner}`,
      /^HTTP\/1\.1 4(?:00|15) /,
    ],
    [
      'has another host in its target',
      () => `GET http://127.0.0.1:1/v1/desktops HTTP/1.1\r\nHost: x\r\n${key()}${close}\r\n`,
      /^HTTP\/1\.1 40[0-9] /,
    ],
    [
      'begins with two slashes',
      () => `GET //v1/desktops HTTP/1.1\r\nHost: x\r\n${key()}${close}\r\n`,
      /^HTTP\/1\.1 404 /,
    ],
    [
      'has .. in its path',
      () => `GET /v1/kb/notes/../../desktops HTTP/1.1\r\nHost: x\r\n${key()}${close}\r\n`,
      /^HTTP\/1\.1 400 /,
    ],
    [
      'has an encoded ..',
      () => `GET /v1/kb/notes/%2e%2e/%2e%2e/desktops HTTP/1.1\r\nHost: x\r\n${key()}${close}\r\n`,
      /^HTTP\/1\.1 400 /,
    ],
    [
      'begins with ..',
      () => `GET /v1/%2e%2e/v1/desktops HTTP/1.1\r\nHost: x\r\n${key()}${close}\r\n`,
      /^HTTP\/1\.1 40[04] /,
    ],
    [
      'has encoded slashes',
      () => `GET /v1%2Fdesktops HTTP/1.1\r\nHost: x\r\n${key()}${close}\r\n`,
      /^HTTP\/1\.1 40[04] /,
    ],
    [
      'is in capitals',
      () => `GET /V1/Desktops HTTP/1.1\r\nHost: x\r\n${key()}${close}\r\n`,
      /^HTTP\/1\.1 404 /,
    ],
    [
      'has a parameter in its path',
      () => `GET /v1/desktops;x=1 HTTP/1.1\r\nHost: x\r\n${key()}${close}\r\n`,
      /^HTTP\/1\.1 404 /,
    ],
    [
      'has a fragment',
      () => `GET /v1/kb/search#/../../desktops HTTP/1.1\r\nHost: x\r\n${key()}${close}\r\n`,
      /^HTTP\/1\.1 40[04] /,
    ],
    [
      'has two keys',
      () =>
        `GET /v1/desktops HTTP/1.1\r\nHost: x\r\n${key()}Authorization: Bearer ${tokenWith('desktop:read')}\r\n${close}\r\n`,
      /^HTTP\/1\.1 400 /,
    ],
    [
      'overrides its method in a header',
      () =>
        `GET /v1/desktops/d/bash HTTP/1.1\r\nHost: x\r\n${key()}X-HTTP-Method-Override: POST\r\n${close}\r\n`,
      /^HTTP\/1\.1 405 /,
    ],
  ])('reaches no service if it %s', async (_, bytes, status) => {
    expect(await sendRaw(bytes())).toMatch(status);
    expect(upstream.reached).toEqual([]);
  });
});
