import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type IncomingMessage, type ServerResponse, get } from 'node:http';
import { createServer } from 'node:net';
import { Readable, pipeline } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Answer, type ServiceProcess, Stack, call, freePort, startGatewayProcess } from '#libs/testing';
import { FakeUpstream } from '../support/fake-upstream.js';

let upstream: FakeUpstream;
let stack: Stack;
let token: string;
beforeAll(async () => {
  upstream = await FakeUpstream.start();
  stack = await Stack.start({
    env: {
      UPSTREAM_DESKTOPS_URL: `${upstream.url}/inside/`,
      UPSTREAM_ANSWER_SECONDS: '1',
      UPSTREAM_WORK_SECONDS: '3600',
      UPSTREAM_SILENCE_SECONDS: '1',
      UPSTREAM_CONNECTIONS: '20',
      CORS_ORIGINS: 'https://app.example.com',
    },
  });
  ({ token } = await stack.issue('ada', ['desktop:read', 'desktop:control', 'desktop:chat', 'kb:read']));
});
afterAll(async () => {
  await stack.stop();
  await upstream.stop();
});
beforeEach(() => void upstream.reached.splice(0));
afterEach(() => upstream.respond());

const desktops = (gateway = stack.gatewayUrl): string => `${gateway}/v1/desktops`;
const chat = (): string => `${desktops()}/d/chat`;
const message = {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: '{"message":"Hello."}',
};

/** Opens a response without reading it. */
function open(url: string, init: RequestInit = {}): Promise<Response> {
  return fetch(url, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } });
}

/** Reads a response to its end: its text, or that it was aborted. */
function readAll(response: Response): Promise<string> {
  return response.text().catch(() => 'broken off');
}

describe('the request to the service', () => {
  it('goes to a path below its URL, with the request ID, and without headers that only concern the gateway', async () => {
    await call(desktops(), token, {
      headers: {
        accept: 'application/json',
        'idempotency-key': 'abc',
        cookie: 'session=1',
        'proxy-authorization': 'Basic x',
        'x-le-bureau-identity': 'forged',
        x_le_bureau_identity: 'forged',
        'x-forwarded-for': '203.0.113.9',
        'x-request-id': 'follow-me-1',
      },
    });
    const { method, url, headers } = upstream.reached[0] ?? { headers: {} };
    expect([method, url]).toEqual(['GET', '/inside/v1/desktops?limit=50']);
    expect(headers).toMatchObject({
      accept: 'application/json',
      'idempotency-key': 'abc',
      host: new URL(upstream.url).host,
      'x-request-id': 'follow-me-1',
      'x-forwarded-for': '127.0.0.1',
      // The gateway's own, a JWT, instead of the client's.
      'x-le-bureau-identity': expect.stringMatching(/^eyJ[\w-]+\.[\w-]+\.[\w-]{86}$/),
    });
    expect(Object.keys(headers)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(authorization|cookie|proxy-.*|x_le_bureau.*)$/)]),
    );
    expect(JSON.stringify(headers)).not.toContain(token);
  });

  it('does not have headers that Connection names', async () => {
    // fetch does not set a Connection header.
    const headers = {
      authorization: `Bearer ${token}`,
      connection: 'close, Idempotency-Key',
      'idempotency-key': 'for one hop',
    };
    await new Promise<void>((resolve, reject) => {
      get(desktops(), { headers }, (res) => res.on('end', resolve).resume()).on('error', reject);
    });
    expect(upstream.reached[0]?.headers).not.toHaveProperty('idempotency-key');
  });
});

describe('the response to the client', () => {
  it('has the service’s status and body, without headers that only concern the service', async () => {
    upstream.respond((_req, res) => {
      res
        .writeHead(404, {
          'content-type': 'application/problem+json',
          etag: '"1"',
          'set-cookie': 'a=b',
          server: 'inside/1.0',
          'www-authenticate': 'Basic',
          'cache-control': 'public, max-age=60',
          'x-request-id': 'theirs',
        })
        .end('{"code":"no_such_desktop"}');
    });
    const { status, headers, body } = await call(`${desktops()}/d`, token);
    expect([status, body]).toEqual([404, { code: 'no_such_desktop' }]);
    expect(headers.get('etag')).toBe('"1"');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-request-id')).not.toBe('theirs');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    for (const name of ['set-cookie', 'server', 'www-authenticate']) expect(headers.get(name)).toBeNull();
  });

  it.each([401, 407, 302])('is never one that could be mistaken for the gateway’s: %i', async (status) => {
    upstream.respond((_req, res) => void res.writeHead(status, { location: 'http://inside/' }).end());
    const answer = await call(desktops(), token, { redirect: 'manual' });
    expect(answer).toMatchObject({ status: 502, body: { code: 'bad_gateway' } });
    expect(answer.headers.get('www-authenticate')).toBeNull();
  });

  it('has a Vary header of what it depends on at the service and at the gateway', async () => {
    const varyOf = async (vary: string | string[]): Promise<string | null> => {
      upstream.respond((_req, res) => void res.setHeader('vary', vary).writeHead(200).end());
      return (await open(desktops())).headers.get('vary');
    };
    expect(await varyOf('Accept-Language')).toBe('Origin, Accept-Language');
    expect(await varyOf(['Accept', 'origin, ACCEPT'])).toBe('origin, ACCEPT');
    expect(await varyOf('Accept, *')).toBe('*');
    upstream.respond();
    expect((await open(desktops())).headers.get('vary')).toBe('Origin');
  });

  it('has a Vary header of what it depends on at the gateway if the service has failed', async () => {
    upstream.respond((_req, res) => {
      res.writeHead(200, { vary: 'Accept', 'content-length': 5 }).flushHeaders();
      res.destroy();
    });
    const response = await open(desktops());
    expect([response.status, response.headers.get('vary')]).toEqual([502, 'Origin']);
  });

  it('says which methods are allowed if the service does not allow one', async () => {
    upstream.respond((_req, res) => void res.writeHead(405, { allow: 'GET, POST' }).end());
    const response = await open(desktops());
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, POST']);
  });

  it('has only headers for HEAD', async () => {
    const response = await open(desktops(), { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
    expect(upstream.reached[0]?.method).toBe('HEAD');
  });

  it('is empty if the service’s is', async () => {
    upstream.respond((_req, res) => void res.writeHead(204).end());
    expect(await call(chat(), token, message)).toMatchObject({ status: 204, body: undefined });
  });
});

describe('server-sent events', () => {
  it('are forwarded one by one, and the headers before the first', async () => {
    let events: ServerResponse | undefined;
    upstream.respond((_req, res) => {
      events = res;
      res.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    });
    const response = await open(chat(), message);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    for (const event of ['data: 1\n\n', 'data: 2\n\n', 'data: 3\n\n']) {
      events?.write(event);
      expect(await reader?.read()).toEqual({ done: false, value: event });
    }
    events?.end();
    expect(await reader?.read()).toMatchObject({ done: true });
  });
});

/** Responds with `megabytes`, as fast as they are read, and counts what was sent. */
function download(megabytes: number): {
  respond: (req: IncomingMessage, res: ServerResponse) => void;
  written: number;
} {
  const chunk = Buffer.alloc(1024 * 1024, 'x');
  const large = {
    written: 0,
    respond: (_req: IncomingMessage, res: ServerResponse): void => {
      const chunks = function* (): Generator<Buffer> {
        for (; large.written < megabytes; large.written++) yield chunk;
      };
      res.writeHead(200, { 'content-type': 'image/png', 'content-length': megabytes * chunk.length });
      pipeline(Readable.from(chunks(), { highWaterMark: 1 }), res, () => undefined);
    },
  };
  return large;
}

/** The maximum that a connection may buffer, in MiB: sent and not yet received, and received and not yet read. */
function largestBuffersMiB(): number {
  const largest = ['tcp_wmem', 'tcp_rmem'].map((name) =>
    Number(readFileSync(`/proc/sys/net/ipv4/${name}`, 'utf8').trim().split(/\s+/).at(-1)),
  );
  return largest.reduce((sum, bytes) => sum + bytes, 0) / 1024 / 1024;
}

async function memoryOf(gateway: ServiceProcess | undefined): Promise<number> {
  const [line = ''] = (await gateway?.metrics('process_resident_memory_bytes ')) ?? [];
  return Number(line.split(' ')[1]) / 1024 / 1024;
}

describe('a large response', () => {
  it('of 200 MB is forwarded without using more memory', async () => {
    await readAll(await open(`${desktops()}/d/screenshot`));
    const [gateway] = stack.gateways;
    const before = await memoryOf(gateway);
    const { respond } = download(200);
    upstream.respond(respond);
    const response = await open(`${desktops()}/d/screenshot`);
    let [bytes, highest, nextLook] = [0, before, 0];
    for await (const chunk of response.body ?? []) {
      bytes += Number(chunk.length);
      if (bytes < nextLook) continue;
      nextLook += 10 * 1024 * 1024;
      highest = Math.max(highest, await memoryOf(gateway));
    }
    expect(bytes).toBe(200 * 1024 * 1024);
    expect(highest - before).toBeLessThan(60);
  });

  it('is paused at the service while the client does not read', async () => {
    const large = download(200);
    upstream.respond(large.respond);
    const reached = upstream.next();
    const response = await open(`${desktops()}/d/screenshot`);
    const { brokenOff } = await reached;
    let written = -1;
    // Until nothing more fits into the buffers.
    while (written !== large.written) {
      written = large.written;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    // The buffers of two connections are as large as the kernel allows.
    expect(written).toBeLessThan(2 * largestBuffersMiB() + 8);
    await response.body?.cancel();
    await brokenOff;
  });
});

describe('the request to the service ends', () => {
  it('when the client disconnects before the response has begun', async () => {
    upstream.respond(() => undefined);
    const leaving = new AbortController();
    const reached = upstream.next();
    const opening = open(chat(), { ...message, signal: leaving.signal }).catch(() => 'gone');
    const { brokenOff } = await reached;
    leaving.abort();
    expect(await opening).toBe('gone');
    await brokenOff;
  });

  it('when the client disconnects in the middle of the response', async () => {
    upstream.respond((_req, res) => res.writeHead(200).write('half'));
    const reached = upstream.next();
    const response = await open(chat(), message);
    await response.body?.cancel();
    await (
      await reached
    ).brokenOff;
  });

  it.each([
    ['before', (): undefined => undefined],
    ['in the middle of', (_: IncomingMessage, res: ServerResponse) => res.writeHead(200).write('half')],
  ])('when the key is revoked %s the response', async (_, respond) => {
    upstream.respond(respond);
    const doomed = await stack.issue('ada', ['desktop:chat']);
    const reached = upstream.next();
    const opening = fetch(chat(), {
      ...message,
      headers: { ...message.headers, authorization: `Bearer ${doomed.token}` },
    }).then(readAll, () => 'broken off');
    const { brokenOff } = await reached;
    await stack.manage.revoke(doomed.key.id);
    expect(await opening).toBe('broken off');
    await brokenOff;
  });
});

/** A service that calls `answer` with each connection's bytes, whatever they are. */
async function startRaw(
  answer: string,
): Promise<{ url: string; connections: () => number; stop: () => void }> {
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(answer));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, connections: () => connections, stop: () => void server.close() };
}

describe('without a response of the service', () => {
  let gateway: ServiceProcess | undefined;
  afterEach(async () => {
    await gateway?.process.stop();
    gateway = undefined;
  });

  async function ask(desktopsUrl: string, path = '', init: RequestInit = {}): Promise<Answer> {
    gateway = await startGatewayProcess({ ...stack.env, UPSTREAM_DESKTOPS_URL: desktopsUrl });
    return call(desktops(gateway.url) + path, token, init);
  }

  it('says that the service is not configured', async () => {
    expect(await call(`${stack.gatewayUrl}/v1/kb/search?q=x`, token)).toMatchObject({
      status: 503,
      body: { code: 'unavailable', detail: 'The kb service is not configured in this deployment.' },
    });
  });

  it.each([
    ['nothing listens there', async () => `http://127.0.0.1:${await freePort()}`],
    ['its name does not resolve', () => Promise.resolve('http://nowhere.invalid')],
  ])('says %s', async (_, url) => {
    const answer = await ask(await url());
    expect(answer).toMatchObject({
      status: 503,
      body: { code: 'unavailable', detail: 'The desktops service cannot be reached. Try again in a moment.' },
    });
    expect(answer.headers.get('retry-after')).toBe('1');
  });

  it('says that it timed out', async () => {
    upstream.respond(() => undefined);
    const reached = upstream.next();
    expect(await call(desktops(), token)).toMatchObject({
      status: 504,
      body: {
        code: 'gateway_timeout',
        detail: expect.stringContaining('The desktops service did not respond in time.'),
      },
    });
    await (
      await reached
    ).brokenOff;
  });

  it.each([
    ['disconnects at once', ''],
    ['does not speak HTTP', 'hello\r\n\r\n'],
    ['sends half of its headers', 'HTTP/1.1 200 OK\r\nContent-'],
    ['sends an invalid status', 'HTTP/1.1 999 Hello\r\nContent-Length: 0\r\n\r\n'],
  ])('says that the service failed if it %s', async (_, bytes) => {
    const broken = await startRaw(bytes);
    expect(await ask(broken.url)).toMatchObject({
      status: 502,
      body: { code: 'bad_gateway', detail: expect.stringContaining('The desktops service') },
    });
    broken.stop();
  });

  it('retries once if the request changes nothing, and never otherwise', async () => {
    const broken = await startRaw('');
    await ask(broken.url);
    expect(broken.connections()).toBe(2);
    await call(desktops(gateway?.url) + '/d/chat', token, message);
    expect(broken.connections()).toBe(3);
    broken.stop();
  });

  it.each([
    ['before its body', 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 10\r\n\r\n'],
    ['in its middle', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'],
    ['in the middle of a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf'],
  ])('never forwards half a response as a whole one: aborted %s', async (_, bytes) => {
    const broken = await startRaw(bytes);
    gateway = await startGatewayProcess({ ...stack.env, UPSTREAM_DESKTOPS_URL: broken.url });
    const response = await open(desktops(gateway.url));
    expect(await readAll(response)).toMatch(
      response.status === 200 ? /^broken off$/ : /"code":"bad_gateway"/,
    );
    broken.stop();
  });

  it('cuts off a response that pauses for too long', async () => {
    upstream.respond((_req, res) => res.writeHead(200).write('half'));
    expect(await readAll(await open(chat(), message))).toBe('broken off');
  });

  it('refuses requests beyond the maximum of connections, and says so', async () => {
    const held: ServerResponse[] = [];
    upstream.respond((_req, res) => {
      held.push(res);
      res.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    });
    const streams = await Promise.all(Array.from({ length: 20 }, () => open(chat(), message)));
    const answer = await call(desktops(), token);
    expect(answer).toMatchObject({
      status: 503,
      body: { detail: expect.stringContaining('Too many requests to the desktops service are open.') },
    });
    for (const res of held) res.end();
    await Promise.all(streams.map(readAll));
    upstream.respond();
    expect(await call(desktops(), token)).toMatchObject({ status: 200 });
  });
});
