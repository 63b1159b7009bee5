import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type ServerResponse } from 'node:http';
import type { IssuedKey } from '#libs/keys-contract';
import { type Answer, Stack, call, until } from '#libs/testing';
import { FakeUpstream } from '../support/fake-upstream.js';
import { SlowClient } from '../support/slow-client.js';

const MAX = 3;

let upstream: FakeUpstream;
let stack: Stack;
let key: IssuedKey;
/** The service's open responses. */
let held: ServerResponse[];
beforeAll(async () => {
  upstream = await FakeUpstream.start();
  stack = await Stack.start({
    gateways: 2,
    env: {
      UPSTREAM_DESKTOPS_URL: upstream.url,
      CONCURRENT_REQUESTS_PER_KEY: String(MAX),
      UPSTREAM_CONNECTIONS: String(MAX + 1),
      UPSTREAM_ANSWER_SECONDS: '2',
    },
  });
});
afterAll(async () => {
  await stack.stop();
  await upstream.stop();
});
beforeEach(async () => {
  key = await stack.issue('ada', ['desktop:chat', 'desktop:read']);
  held = [];
  holdStreams();
});
afterEach(() => {
  for (const res of held) res.destroy();
});

/** The service answers a chat with an endless stream, and everything else at once. */
function holdStreams(): void {
  upstream.respond((req, res) => {
    if (req.method !== 'POST') return void res.writeHead(200).end('{}');
    held.push(res);
    res.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: hello\n\n');
  });
}

const list = (token = key.token, gateway = 0): Promise<Answer> =>
  call(`${stack.gateways[gateway]?.url ?? ''}/v1/desktops`, token);

const CHAT = '{"message":"Hello.","stream":true}';

function chatOn(path = 'd/chat', body = CHAT, length = body.length): string {
  const headers = `Host: x\r\nAuthorization: Bearer ${key.token}\r\nContent-Type: application/json\r\n`;
  return `POST /v1/desktops/${path} HTTP/1.1\r\n${headers}Content-Length: ${length}\r\n\r\n${body}`;
}

const connect = (says: string, gateway = 0): SlowClient =>
  new SlowClient(Number(new URL(stack.gateways[gateway]?.url ?? '').port), says);

/** Opens as many streams as the key may have. */
async function openAll(gateway = 0): Promise<SlowClient[]> {
  const clients = Array.from({ length: MAX }, () => connect(chatOn(), gateway));
  for (const client of clients) {
    await until(() => client.answer.includes('data: hello') || client.answer.includes('"status":'));
    expect(client.answer).toMatch(/^HTTP\/1\.1 200 /);
  }
  return clients;
}

/** Checks that the key may have as many open requests as ever, and not one more. */
async function expectAllReleased(): Promise<void> {
  await until(async () => (await list()).status === 200);
  await until(
    async () => (await stack.gateways[0]?.metrics('gateway_responses_open '))?.[0]?.endsWith(' 0') === true,
  );
  const clients = await openAll();
  expect((await list()).status).toBe(429);
  for (const client of clients) client.hangUp();
}

describe('a key with the maximum of open requests', () => {
  it('gets another problem than one at its rate limit', async () => {
    const clients = await openAll();
    const refused = await list();
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.headers.get('ratelimit')).toContain('"per-key";r=');
    expect(refused.body).toMatchObject({
      type: 'urn:le-bureau:problem:too_many_concurrent_requests',
      title: 'Too many requests at the same time',
      status: 429,
      detail: 'The key already has 3 open requests, streams included. Wait until one ends, or close one.',
      code: 'too_many_concurrent_requests',
      'violated-policies': ['concurrent-requests'],
      instance: '/v1/desktops',
      requestId: refused.headers.get('x-request-id'),
    });
    // One more is accepted for each that ends.
    clients[0]?.hangUp();
    await until(async () => (await list()).status === 200);
    const next = connect(chatOn());
    await until(() => next.answer.includes('data: hello'));
    expect((await list()).status).toBe(429);
    for (const client of [...clients, next]) client.hangUp();
  });

  it('does not affect other keys, and may have as many at another gateway', async () => {
    const other = await stack.issue('grace', ['desktop:read']);
    const clients = await openAll();
    expect((await list()).status).toBe(429);
    for (let i = 0; i < 20; i++) expect((await list(other.token)).status).toBe(200);
    expect((await list(key.token, 1)).status).toBe(200);
    for (const client of clients) client.hangUp();
  });

  it('still gets 403 for what it may not do', async () => {
    const clients = await openAll();
    expect((await call(`${stack.gatewayUrl}/v1/schedules`, key.token)).status).toBe(403);
    for (const client of clients) client.hangUp();
    await expectAllReleased();
  });
});

describe('a request stops counting as open', () => {
  const hangUp = (clients: readonly SlowClient[]): void => {
    for (const client of clients) client.hangUp();
  };
  const times = <T>(make: () => T): T[] => Array.from({ length: MAX }, make);

  it.each<[string, () => Promise<unknown>]>([
    ['when it was answered', () => Promise.all(times(() => list()))],
    [
      'when it was refused for its fields or body',
      async () => {
        for (const body of ['{', '{"message":1}', '{"unheardOf":1}', 'x'.repeat(2_000_000)])
          await Promise.all(
            times(() =>
              call(`${stack.gatewayUrl}/v1/desktops/d/chat`, key.token, {
                method: 'POST',
                headers: { 'content-type': 'application/json' },
                body,
              }),
            ),
          );
      },
    ],
    [
      'when its client disconnects from a stream',
      async () => {
        hangUp(await openAll());
      },
    ],
    [
      'when its client disconnects before the response',
      async () => {
        upstream.respond(() => undefined);
        const clients = times(() => connect(chatOn()));
        await until(() => upstream.reached.length >= MAX);
        hangUp(clients);
      },
    ],
    [
      'when its client disconnects before its body has arrived',
      async () => {
        const clients = times(() => connect(chatOn('d/chat', '{', 100)));
        await until(
          async () =>
            (await stack.gateways[0]?.metrics('gateway_responses_open '))?.[0]?.endsWith(` ${MAX}`) === true,
        );
        hangUp(clients);
      },
    ],
    [
      'when its client disconnects before it was accepted',
      async () => {
        for (let i = 0; i < 20; i++) {
          const clients = times(() => connect(chatOn()));
          await new Promise((resolve) => setTimeout(resolve, i % 5));
          hangUp(clients);
        }
      },
    ],
    [
      'when its client disconnects before its turn on the connection',
      async () => {
        const client = connect(times(() => chatOn()).join(''));
        await until(() => upstream.reached.length >= MAX);
        client.hangUp();
      },
    ],
    [
      'when the service aborts the stream',
      async () => {
        const clients = await openAll();
        for (const res of held.splice(0)) res.destroy();
        await Promise.all(clients.map(({ ended }) => ended));
      },
    ],
    [
      'when the service disconnects before the response',
      async () => {
        upstream.respond((_req, res) => res.destroy());
        const answers = await Promise.all(times(() => list()));
        expect(answers.map(({ status }) => status)).toEqual(times(() => 502));
      },
    ],
    [
      'when the service times out',
      async () => {
        upstream.respond(() => undefined);
        const answers = await Promise.all(times(() => list()));
        expect(answers.map(({ status }) => status)).toEqual(times(() => 504));
      },
    ],
    [
      'when the owner is suspended, and resumed later',
      async () => {
        const clients = await openAll();
        await stack.manage.suspendOwner('ada');
        await Promise.all(clients.map(({ ended }) => ended));
        await stack.manage.resumeOwner('ada');
      },
    ],
  ])('%s', async (_, end) => {
    upstream.reached.splice(0);
    await end();
    holdStreams();
    await expectAllReleased();
  });

  it('when the key is revoked', async () => {
    const clients = await openAll();
    await stack.manage.revoke(key.key.id);
    await Promise.all(clients.map(({ ended }) => ended));
    expect((await list()).status).toBe(401);
    await until(
      async () => (await stack.gateways[0]?.metrics('gateway_responses_open '))?.[0]?.endsWith(' 0') === true,
    );
  });
});
