import { once } from 'node:events';
import { Agent, type IncomingMessage, type ServerResponse, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { IssuedKey } from '#libs/keys-contract';
import { type ServiceProcess, Stack, call } from '#libs/testing';
import { FakeUpstream } from '../support/fake-upstream.js';

const STREAMS = 1000;
const MIB = 1024 * 1024;

let upstream: FakeUpstream;
let stack: Stack;
beforeAll(async () => {
  upstream = await FakeUpstream.start();
  stack = await Stack.start({
    env: {
      UPSTREAM_DESKTOPS_URL: upstream.url,
      UPSTREAM_CONNECTIONS: String(STREAMS + 50),
      CONCURRENT_REQUESTS_PER_KEY: String(STREAMS + 50),
    },
  });
});
afterAll(async () => {
  await stack.stop();
  await upstream.stop();
});

const desktops = (): string => `${stack.gatewayUrl}/v1/desktops`;

/** Opens a streaming chat on a new connection; resolves once its headers have arrived. */
async function openChat(token: string, agent: Agent): Promise<IncomingMessage> {
  const req = request(`${desktops()}/d/chat`, {
    method: 'POST',
    agent,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  });
  req.end('{"message":"Hello.","stream":true}');
  const [res] = await once(req, 'response');
  return res;
}

async function memoryOf(gateway: ServiceProcess | undefined): Promise<number> {
  const [line = ''] = (await gateway?.metrics('process_resident_memory_bytes ')) ?? [];
  return Number(line.split(' ')[1]) / MIB;
}

describe('a thousand idle event streams', () => {
  const agent = new Agent({ keepAlive: false, maxSockets: Infinity });
  let key: IssuedKey;
  let streams: IncomingMessage[];
  let held: ServerResponse[];
  let before: number;
  beforeAll(async () => {
    key = await stack.issue('ada', ['desktop:chat', 'desktop:read']);
    await call(desktops(), key.token);
    before = await memoryOf(stack.gateways[0]);
    held = [];
    upstream.respond((req, res) => {
      if (req.method !== 'POST') return void res.writeHead(200).end('{}');
      held.push(res);
      res.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    });
    streams = [];
    while (streams.length < STREAMS) {
      streams.push(...(await Promise.all(Array.from({ length: 100 }, () => openChat(key.token, agent)))));
    }
  });

  it('are open at once, with little memory', async () => {
    expect(streams.map(({ statusCode }) => statusCode)).toEqual(streams.map(() => 200));
    expect(held).toHaveLength(STREAMS);
    // Each is a connection to the client and one to the service.
    expect(((await memoryOf(stack.gateways[0])) - before) / STREAMS).toBeLessThan(0.15);
  });

  it('do not slow others, nor do clients that do not read or services that do not respond', async () => {
    const { token } = await stack.issue('grace', ['desktop:read', 'desktop:control', 'kb:read']);
    let isUnread = true;
    upstream.respond((req, res) => {
      if (req.url?.endsWith('/late') === true) return; // never responds
      if (req.url?.endsWith('/screenshot') !== true) return void res.writeHead(200).end('{}');
      res.writeHead(200, { 'content-type': 'image/png' }).on('close', () => (isUnread = false));
      // More than fits into the buffers: it waits for a client that does not read.
      res.write(Buffer.alloc(200 * MIB));
    });
    const leaving = new AbortController();
    const init = { headers: { authorization: `Bearer ${token}` }, signal: leaving.signal };
    const unread = await fetch(`${desktops()}/d/screenshot`, init);
    let isLate = true;
    const late = fetch(`${desktops()}/late`, init)
      .catch(() => 'gone')
      .finally(() => (isLate = false));
    for (let i = 0; i < 200; i++) expect((await call(desktops(), token)).status).toBe(200);
    expect({ isUnread, isLate }).toEqual({ isUnread: true, isLate: true });
    expect(unread.bodyUsed).toBe(false);
    leaving.abort();
    await late;
  });

  it('still transmit events', async () => {
    const said = Promise.all(streams.map(async (stream) => String((await once(stream, 'data'))[0])));
    for (const res of held) res.write('data: hello\n\n');
    expect(new Set(await said)).toEqual(new Set(['data: hello\n\n']));
  });

  it('all end on both sides when their key is revoked', async () => {
    const ends = [...streams.map((stream) => stream.resume()), ...held].map(
      (side) =>
        new Promise<void>((resolve) => {
          side.on('error', () => undefined).on('close', resolve);
        }),
    );
    await stack.manage.revoke(key.key.id);
    await Promise.all(ends);
    upstream.respond();
    const { token } = await stack.issue('grace', ['desktop:read']);
    expect((await call(desktops(), token)).status).toBe(200);
  });
});

describe('an upload of 200 MB', () => {
  it.each([
    ['with a Content-Length', { 'content-length': String(200 * MIB) }],
    ['in chunks', {}],
  ])('is refused at once, without using more memory: %s', async (_, length) => {
    const { token } = await stack.issue('ada', ['desktop:control']);
    upstream.reached.splice(0);
    const before = await memoryOf(stack.gateways[0]);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...length };
    const req = request(`${desktops()}/d/bash`, { method: 'POST', headers });
    const answers: IncomingMessage[] = [];
    req.on('response', (res: IncomingMessage) => answers.push(res));
    let [written, highest] = [0, before];
    while (written < 200 && answers.length === 0) {
      if (!req.write(Buffer.alloc(MIB, 'x'))) await Promise.race([once(req, 'drain'), once(req, 'response')]);
      written++;
      highest = Math.max(highest, await memoryOf(stack.gateways[0]));
    }
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([413]);
    req.on('error', () => undefined).destroy();
    expect(written).toBeLessThan(200);
    expect(highest - before).toBeLessThan(60);
    expect(upstream.reached).toEqual([]);
  });
});
