import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ServerResponse } from 'node:http';
import { Stack, TEST_SECRETS } from '#libs/testing';
import { FakeUpstream } from '../support/fake-upstream.js';
import { HaProxy } from '../deploy/haproxy.js';
import { type Ended, SlowClient } from '../support/slow-client.js';

const MIB = 1024 * 1024;

/** Short ones, so that the test is fast; what is tested must not depend on how fast the machine is. */
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
/** Responses to clients that do not read: written while the client is connected. */
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

/** More than fits into the buffers. */
function pourInto(res: ServerResponse): void {
  res.writeHead(200, { 'content-type': 'image/png' });
  unread.push(new Promise((resolve) => res.on('close', resolve)));
  res.write(Buffer.alloc(200 * MIB));
}

/** An event, and another one after a pause that is longer than the timeout for reading. */
function speakSlowly(res: ServerResponse): void {
  res.writeHead(200, { 'content-type': 'text/event-stream' });
  res.write('data: first\n\n');
  const speaking = setTimeout(() => res.end('data: last\n\n'), PAUSE_MS);
  res.on('close', () => clearTimeout(speaking));
}

const portOf = (url: string): number => Number(new URL(url).port);
/** The ports that strangers can reach, each with a route that accepts a body. */
const PORTS: Record<string, () => { port: number; path: string; headers: string }> = {
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
function post(service: string, length: number): { port: number; head: string } {
  const { port, path, headers } = PORTS[service]?.() ?? { port: 0, path: '', headers: '' };
  const type = 'Content-Type: application/json\r\n';
  // As the dashboard's page sends.
  const origin = `Host: localhost:${port}\r\nOrigin: http://localhost:${port}\r\nSec-Fetch-Site: same-origin\r\n`;
  return {
    port,
    head: `POST ${path} HTTP/1.1\r\n${origin}${headers}${type}Content-Length: ${length}\r\n\r\n`,
  };
}

describe('a client that disconnects before the response', () => {
  it.each<[string, () => number]>([
    ['at the gateway', () => portOf(stack.gatewayUrl)],
    ['at the balancer', () => balancer.port],
  ])('aborts the work for its request, and no longer counts: %s', async (_, port) => {
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

describe('a client that sends an invalid request', () => {
  it('during a stream gets no other data, and the end of the stream', async () => {
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

// All at the same time: keys and the dashboard, whose timeouts are fixed, wait for half a minute and more.
describe('a slow client', () => {
  const ends = new Map<string, Promise<Ended>>();
  const endOf = async (name: string): Promise<Ended> => {
    const end = await ends.get(name);
    if (end === undefined) throw new Error(`there was no ${name}`);
    return end;
  };
  let stream: SlowClient;
  let working: SlowClient;
  beforeAll(() => {
    for (const service of Object.keys(PORTS)) {
      const { port, head } = post(service, 1000);
      ends.set(`${service}: nothing`, new SlowClient(port, '').ended);
      ends.set(
        `${service}: headers`,
        new SlowClient(port, 'GET /healthz HTTP/1.1\r\nHost: x\r\nX: ').dribble('x', 500),
      );
      ends.set(`${service}: a stuck body`, new SlowClient(port, `${head}{`).ended);
      ends.set(`${service}: a slow body`, new SlowClient(port, `${head}{`).dribble(' ', 500));
      if (service.startsWith('gateway'))
        ends.set(`${service}: kept`, new SlowClient(port, 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n').ended);
    }
    const [direct, behind] = [portOf(stack.gatewayUrl), balancer.port];
    const key = `Authorization: Bearer ${token}\r\n`;
    for (const port of [direct, behind])
      new SlowClient(port, `GET /v1/desktops/d/screenshot HTTP/1.1\r\nHost: x\r\n${key}\r\n`).stopReading();
    const large = post('gateway behind the balancer', 100_000);
    // Longer than the balancer waits.
    const begun = `${large.head}{"command":"${'x'.repeat(50_000)}`;
    ends.set('a large slow body behind the balancer', new SlowClient(behind, begun).dribble('x', 500));
    const chat = `POST /v1/desktops/d/chat HTTP/1.1\r\nHost: x\r\n${key}Content-Type: application/json\r\nContent-Length: 15\r\n\r\n{"message":"x"}`;
    stream = new SlowClient(direct, chat);
    working = new SlowClient(behind, chat);
  });

  it.each(Object.keys(PORTS))('is disconnected if it sends nothing: %s', async (service) => {
    const { answer } = await endOf(`${service}: nothing`);
    if (!service.includes('balancer')) expect(answer).toBe('');
  });

  it.each(['gateway', 'gateway behind the balancer'])(
    'is disconnected if it sends no further request: %s',
    async (service) => {
      expect((await endOf(`${service}: kept`)).answer).toMatch(/^HTTP\/1\.1 200 /);
    },
  );

  it.each(Object.keys(PORTS))(
    'gets a 408 for slow headers, and the connection is closed: %s',
    async (service) => {
      const { answer } = await endOf(`${service}: headers`);
      expect(answer).toMatch(/^HTTP\/1\.1 408 /);
      // HAProxy has its own format while there is no request.
      if (!service.includes('balancer')) expect(answer).toContain('"code":"request_timeout"');
    },
  );

  it.each(Object.keys(PORTS).flatMap((service) => [`${service}: a stuck body`, `${service}: a slow body`]))(
    'gets a 408 for a slow body, and the connection is closed: %s',
    async (name) => {
      const { answer } = await endOf(name);
      expect(answer).toMatch(/^HTTP\/1\.1 408 [^]*"code":"request_timeout"/);
      expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    },
  );

  it('gets the gateway’s 408 if the body is larger than the balancer’s buffer', async () => {
    const { answer } = await endOf('a large slow body behind the balancer');
    expect(answer).toMatch(/^HTTP\/1\.1 408 [^]*"code":"request_timeout"/);
    expect(upstream.reached.filter(({ url }) => url.endsWith('/bash'))).toEqual([]);
  });

  it('is cut off if it does not read, and so is the request to the service', async () => {
    expect(unread).toHaveLength(2);
    await Promise.all(unread);
  });

  it('is not one that reads a stream that pauses', async () => {
    for (const client of [stream, working]) {
      while (client.isOpen && !client.answer.includes('data: last'))
        await new Promise((resolve) => setTimeout(resolve, 100));
      client.hangUp();
      expect(client.answer).toContain('data: last');
    }
  });
});
