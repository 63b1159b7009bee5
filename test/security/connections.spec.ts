import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Stack, call, until } from '#libs/testing';
import { FakeUpstream } from '../support/fake-upstream.js';
import { SlowClient } from '../support/slow-client.js';

const MAX = 20;

let upstream: FakeUpstream;
let stack: Stack;
let chat: string;
beforeAll(async () => {
  upstream = await FakeUpstream.start();
  stack = await Stack.start({
    env: {
      UPSTREAM_DESKTOPS_URL: upstream.url,
      GATEWAY_CONNECTIONS: String(MAX),
      // So that no timeout does what is tested here.
      CLIENT_HEADERS_SECONDS: '3600',
      CLIENT_IDLE_SECONDS: '3600',
    },
  });
  const { token } = await stack.issue('ada', ['desktop:chat']);
  chat = `POST /v1/desktops/d/chat HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{"message":"x"}`;
});
afterAll(async () => {
  await stack.stop();
  await upstream.stop();
});

/** As many connections as the gateway accepts, each with one request and its response. */
async function fill(says: string, answer: string): Promise<SlowClient[]> {
  const clients: SlowClient[] = [];
  while (clients.length < MAX) {
    const client = new SlowClient(Number(new URL(stack.gatewayUrl).port), says);
    while (!client.answer.includes(answer)) {
      if (!client.isOpen) throw new Error('the gateway takes no more');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    clients.push(client);
  }
  return clients;
}

/** Calls on a new connection. */
const healthz = (): Promise<unknown> =>
  call(`${stack.gatewayUrl}/healthz`, undefined, { headers: { connection: 'close' } });

describe('a gateway with the maximum of connections', () => {
  it('closes idle ones for new ones', async () => {
    const clients = await fill('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n', '"alive"');
    // The first new one makes room.
    await healthz().catch(() => undefined);
    await Promise.all(clients.map(({ ended }) => ended));
    expect(await healthz()).toMatchObject({ status: 200 });
  });

  it('refuses new ones while all are in use, and cuts off none of those', async () => {
    upstream.respond((_req, res) =>
      res.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: x\n\n'),
    );
    const streams = await fill(chat, 'data: x');
    for (let i = 0; i < 5; i++) await expect(healthz()).rejects.toThrow('fetch failed');
    expect(streams.every(({ isOpen }) => isOpen)).toBe(true);
    for (const stream of streams) stream.hangUp();
    await until(async () => (await healthz().catch(() => undefined)) !== undefined);
  });
});

describe('a connection without a request', () => {
  it('is closed by the server if the client does not close it', async () => {
    const open = async (): Promise<number> => {
      const [line = ''] = (await stack.gateways[0]?.metrics('process_open_fds ')) ?? [];
      return Number(line.split(' ')[1]);
    };
    const before = await open();
    const port = Number(new URL(stack.gatewayUrl).port);
    const clients = Array.from(
      { length: MAX / 2 },
      () => new SlowClient(port, 'x\r\n\r\n', { staysOpen: true }),
    );
    while (clients.some(({ answer }) => answer === ''))
      await new Promise((resolve) => setTimeout(resolve, 10));
    while ((await open()) > before + 2) await new Promise((resolve) => setTimeout(resolve, 100));
    for (const client of clients) client.hangUp();
  });
});
