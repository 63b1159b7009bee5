import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ServerResponse } from 'node:http';
import { Stack, TEST_SECRETS } from '#libs/testing';
import { FakeUpstream } from '../support/fake-upstream.js';
import { HaProxy } from '../deploy/haproxy.js';
import { type Ended, SlowClient } from '../support/slow-client.js';

const MIB = 1024 * 1024;

/** Short ones, so that the test is; what is here must not depend on how quick the machine is. */
const TIMEOUTS = {
  CLIENT_HEADERS_SECONDS: '4',
  CLIENT_BODY_SECONDS: '6',
  CLIENT_READ_SECONDS: '4',
  CLIENT_IDLE_SECONDS: '8',
};

/** Longer than each of them. */
const PAUSE_MS = 20_000;

let upstream: FakeUpstream;
let stack: Stack;
let balancer: HaProxy;
let token: string;
/** Answers to clients that do not read: written for as long as somebody is there. */
const unread: Promise<unknown>[] = [];
beforeAll(async () => {
  upstream = await FakeUpstream.start();
  upstream.respond((req, res) => {
    if (req.url?.endsWith('/screenshot') === true) pourInto(res);
    else if (req.url?.endsWith('/chat') === true) speakSlowly(res);
  });
  stack = await Stack.start({ dashboards: 1, env: { UPSTREAM_DESKTOPS_URL: upstream.url, ...TIMEOUTS } });
  balancer = await HaProxy.start(stack.gatewayUrl, {
    'http-request': '4s',
    'http-keep-alive': '6s',
    client: '6s',
  });
  ({ token } = await stack.issue('ada', ['desktop:control', 'desktop:chat']));
});
afterAll(async () => {
  await balancer.stop();
  await stack.stop();
  await upstream.stop();
});

/** More than fits between the two. */
function pourInto(res: ServerResponse): void {
  res.writeHead(200, { 'content-type': 'image/png' });
  unread.push(new Promise((resolve) => res.on('close', resolve)));
  res.write(Buffer.alloc(200 * MIB));
}

/** An event, and another one after a pause that no client could take. */
function speakSlowly(res: ServerResponse): void {
  res.writeHead(200, { 'content-type': 'text/event-stream' });
  res.write('data: first\n\n');
  const speaking = setTimeout(() => res.end('data: last\n\n'), PAUSE_MS);
  res.on('close', () => clearTimeout(speaking));
}

const portOf = (url: string): number => Number(new URL(url).port);
/** The ports that strangers can reach, each with a route that takes a body. */
const DOORS: Record<string, () => { port: number; path: string; headers: string }> = {
  gateway: () => ({
    port: portOf(stack.gatewayUrl),
    path: '/v1/desktops/d/bash',
    headers: `Authorization: Bearer ${token}\r\n`,
  }),
  'gateway behind the balancer': () => ({
    port: balancer.port,
    path: '/v1/desktops/d/bash',
    headers: `Authorization: Bearer ${token}\r\n`,
  }),
  'management API of keys': () => ({
    port: portOf(stack.keysUrl),
    path: '/owners/ada/keys',
    headers: `Authorization: Bearer ${TEST_SECRETS.KEYS_MANAGE_TOKEN}\r\n`,
  }),
  dashboard: () => ({ port: portOf(stack.dashboardUrl), path: '/api/auth/sign-in/email', headers: '' }),
};

/** The head of a request with a body of `length` bytes. */
function post(door: string, length: number): { port: number; head: string } {
  const { port, path, headers } = DOORS[door]?.() ?? { port: 0, path: '', headers: '' };
  const type = 'Content-Type: application/json\r\n';
  // What the dashboard's page sends.
  const origin = `Host: localhost:${port}\r\nOrigin: http://localhost:${port}\r\nSec-Fetch-Site: same-origin\r\n`;
  return {
    port,
    head: `POST ${path} HTTP/1.1\r\n${origin}${headers}${type}Content-Length: ${length}\r\n\r\n`,
  };
}

describe('a client that leaves before its answer', () => {
  it.each<[string, () => number]>([
    ['at the gateway', () => portOf(stack.gatewayUrl)],
    ['at the balancer', () => balancer.port],
  ])('ends the work that was begun for it, and frees its place: %s', async (_, port) => {
    upstream.reached.splice(0);
    const headers = `Host: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n`;
    const client = new SlowClient(
      port(),
      `POST /v1/desktops/d/python HTTP/1.1\r\n${headers}Content-Length: 12\r\n\r\n{"code":"1"}`,
    );
    while (upstream.reached.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    client.hangUp();
    await upstream.reached[0]?.brokenOff;
  });
});

describe('a client that says what is no request', () => {
  it('while a stream is sent to it, hears nothing in between, and the end of it', async () => {
    const headers = `Host: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n`;
    const client = new SlowClient(
      portOf(stack.gatewayUrl),
      `POST /v1/desktops/d/chat HTTP/1.1\r\n${headers}Content-Length: 15\r\n\r\n{"message":"x"}`,
    );
    while (!client.answer.includes('data: first')) await new Promise((resolve) => setTimeout(resolve, 10));
    client.say('no request of HTTP\r\n\r\n');
    const { answer } = await client.ended;
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200']);
  });
});

// All at the same time: at keys and the dashboard, where nothing is set, they wait for half a minute and more.
describe('a client that takes its time', () => {
  const ends = new Map<string, Promise<Ended>>();
  const endOf = async (name: string): Promise<Ended> => {
    const end = await ends.get(name);
    if (end === undefined) throw new Error(`there was no ${name}`);
    return end;
  };
  let stream: SlowClient;
  let working: SlowClient;
  beforeAll(() => {
    for (const door of Object.keys(DOORS)) {
      const { port, head } = post(door, 1000);
      ends.set(`${door}: nothing`, new SlowClient(port, '').ended);
      ends.set(
        `${door}: headers`,
        new SlowClient(port, 'GET /healthz HTTP/1.1\r\nHost: x\r\nX: ').dribble('x', 500),
      );
      ends.set(`${door}: a stuck body`, new SlowClient(port, `${head}{`).ended);
      ends.set(`${door}: a slow body`, new SlowClient(port, `${head}{`).dribble(' ', 500));
      if (door.startsWith('gateway'))
        ends.set(`${door}: kept`, new SlowClient(port, 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n').ended);
    }
    const [direct, behind] = [portOf(stack.gatewayUrl), balancer.port];
    const key = `Authorization: Bearer ${token}\r\n`;
    for (const port of [direct, behind])
      new SlowClient(port, `GET /v1/desktops/d/screenshot HTTP/1.1\r\nHost: x\r\n${key}\r\n`).stopReading();
    const large = post('gateway behind the balancer', 100_000);
    // More than the balancer waits for.
    const begun = `${large.head}{"command":"${'x'.repeat(50_000)}`;
    ends.set('a large slow body behind the balancer', new SlowClient(behind, begun).dribble('x', 500));
    const chat = `POST /v1/desktops/d/chat HTTP/1.1\r\nHost: x\r\n${key}Content-Type: application/json\r\nContent-Length: 15\r\n\r\n{"message":"x"}`;
    stream = new SlowClient(direct, chat);
    working = new SlowClient(behind, chat);
  });

  it.each(Object.keys(DOORS))('with its first byte is not waited for: %s', async (door) => {
    const { answer } = await endOf(`${door}: nothing`);
    if (!door.includes('balancer')) expect(answer).toBe('');
  });

  it.each(['gateway', 'gateway behind the balancer'])(
    'with the next request on its connection is not waited for: %s',
    async (door) => {
      expect((await endOf(`${door}: kept`)).answer).toMatch(/^HTTP\/1\.1 200 /);
    },
  );

  it.each(Object.keys(DOORS))('over headers is answered 408, and the connection ended: %s', async (door) => {
    const { answer } = await endOf(`${door}: headers`);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    // HAProxy says so in words of its own as long as there is no request.
    if (!door.includes('balancer')) expect(answer).toContain('"code":"request_timeout"');
  });

  it.each(Object.keys(DOORS).flatMap((door) => [`${door}: a stuck body`, `${door}: a slow body`]))(
    'over a body is answered 408, and the connection ended: %s',
    async (name) => {
      const { answer } = await endOf(name);
      expect(answer).toMatch(/^HTTP\/1\.1 408 [^]*"code":"request_timeout"/);
      expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    },
  );

  it('over a body that is larger than what the balancer waits for is answered by the gateway', async () => {
    const { answer } = await endOf('a large slow body behind the balancer');
    expect(answer).toMatch(/^HTTP\/1\.1 408 [^]*"code":"request_timeout"/);
    expect(upstream.reached.filter(({ url }) => url.endsWith('/bash'))).toEqual([]);
  });

  it('over reading an answer is cut off, and the service behind is told', async () => {
    expect(unread).toHaveLength(2);
    await Promise.all(unread);
  });

  it('is not who reads a stream that pauses', async () => {
    for (const client of [stream, working]) {
      while (client.isOpen && !client.answer.includes('data: last'))
        await new Promise((resolve) => setTimeout(resolve, 100));
      client.hangUp();
      expect(client.answer).toContain('data: last');
    }
  });
});
