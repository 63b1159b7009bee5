import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { type Answer, Stack, call } from '#libs/testing';
import { FakeUpstream } from '../support/fake-upstream.js';
import { SlowClient } from '../support/slow-client.js';

const [OWNER_PER_MINUTE, KEY_PER_MINUTE, PER_OWNER, PER_KEY] = [30, 20, 5, 3];

let stack: Stack;

async function keysOf(owner: string, count: number): Promise<readonly string[]> {
  const issued = Array.from({ length: count }, () => stack.issue(owner, ['desktop:chat']));
  return (await Promise.all(issued)).map(({ token }) => token);
}

const me = (token: string, gateway = 0): Promise<Answer> =>
  call(`${stack.gateways[gateway]?.url ?? ''}/v1/me`, token);

const accepted = (answers: readonly Answer[]): number =>
  answers.filter(({ status }) => status === 200).length;

describe('the keys of one owner', () => {
  beforeAll(async () => {
    stack = await Stack.start({
      gateways: 2,
      env: {
        RATE_LIMIT_PER_MINUTE: String(KEY_PER_MINUTE),
        OWNER_RATE_LIMIT_PER_MINUTE: String(OWNER_PER_MINUTE),
      },
    });
  });
  afterAll(() => stack.stop());

  it('share the owner’s rate limit, over all gateways', async () => {
    const tokens = await keysOf('ada', 10);
    const requests = tokens.flatMap((token) => [0, 1, 0, 1].map((gateway) => me(token, gateway)));
    const answers = await Promise.all(requests);
    expect(accepted(answers)).toBe(OWNER_PER_MINUTE);
    const refused = answers.find(({ status }) => status !== 200);
    expect(refused).toMatchObject({
      status: 429,
      body: { code: 'rate_limited', 'violated-policies': ['per-owner'] },
    });
    expect(refused?.body).toMatchObject({
      detail: expect.stringMatching(
        /^All keys of one owner together may make 30 requests per minute\. Try again in \d+ seconds?\.$/,
      ),
    });
    expect(refused?.headers.get('ratelimit-policy')).toBe('"per-key";q=20;w=60, "per-owner";q=30;w=60');
    expect(refused?.headers.get('ratelimit')).toMatch(/^"per-key";r=\d+;t=\d+, "per-owner";r=0;t=\d+$/);
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
    const [other = ''] = await keysOf('grace', 1);
    expect(await me(other)).toMatchObject({ status: 200 });
  });

  it('are not affected by one of them that has reached its own limit', async () => {
    const [first = '', second = ''] = await keysOf('edith', 2);
    const attempts = Array.from({ length: 2 * KEY_PER_MINUTE }, () => me(first));
    expect(accepted(await Promise.all(attempts))).toBe(KEY_PER_MINUTE);
    const rest = Array.from({ length: KEY_PER_MINUTE }, () => me(second));
    expect(accepted(await Promise.all(rest))).toBe(OWNER_PER_MINUTE - KEY_PER_MINUTE);
  });
});

describe('the open requests of all keys of one owner', () => {
  let upstream: FakeUpstream;
  const held: ServerResponse[] = [];
  beforeAll(async () => {
    upstream = await FakeUpstream.start();
    upstream.respond((_req, res) => {
      held.push(res);
      res.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: hello\n\n');
    });
    stack = await Stack.start({
      env: {
        UPSTREAM_DESKTOPS_URL: upstream.url,
        CONCURRENT_REQUESTS_PER_KEY: String(PER_KEY),
        CONCURRENT_REQUESTS_PER_OWNER: String(PER_OWNER),
      },
    });
  });
  afterAll(async () => {
    for (const res of held) res.destroy();
    await stack.stop();
    await upstream.stop();
  });

  it('are limited per owner at each gateway, without affecting other owners', async () => {
    const [first = '', second = '', third = ''] = await keysOf('mary', 3);
    const clients = [first, first, first, second, second].map(chatWith);
    for (const client of clients) await heard(client, 'data: hello');
    const refused = chatWith(third);
    await heard(refused, '"violated-policies":["concurrent-requests-per-owner"]');
    expect(refused.answer).toMatch(/^HTTP\/1\.1 429 /);
    expect(refused.answer).toContain(
      '"detail":"All keys of its owner together already have 5 open requests, streams included. Wait until one ends, or close one."',
    );
    const ofKey = chatWith(first);
    await heard(ofKey, '"violated-policies":["concurrent-requests"]');
    const [other = ''] = await keysOf('joan', 1);
    const ofOther = chatWith(other);
    await heard(ofOther, 'data: hello');
    // One more is accepted for each that ends.
    clients[0]?.hangUp();
    const next = await untilLetIn(third);
    for (const client of [...clients, refused, ofKey, ofOther, next]) client.hangUp();
  });
});

function chatWith(token: string): SlowClient {
  const body = '{"message":"Hello.","stream":true}';
  const headers = `Host: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n`;
  const port = Number(new URL(stack.gatewayUrl).port);
  return new SlowClient(
    port,
    `POST /v1/desktops/d/chat HTTP/1.1\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`,
  );
}

async function heard(client: SlowClient, text: string): Promise<void> {
  while (!client.answer.includes(text)) {
    if (!client.isOpen) throw new Error(`it was ended, having heard ${client.answer}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The gateway notices later that the client has disconnected. */
async function untilLetIn(token: string): Promise<SlowClient> {
  for (;;) {
    const client = chatWith(token);
    while (!client.answer.includes('\r\n\r\n')) await new Promise((resolve) => setTimeout(resolve, 10));
    if (client.answer.startsWith('HTTP/1.1 200 ')) return client;
    client.hangUp();
  }
}
