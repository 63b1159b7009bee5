import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { LE_BUREAU } from '#libs/catalogue';
import { KeyFormat, newKeyId } from '#libs/key-format';
import { type Answer, type ServiceProcess, Stack, TEST_SECRETS, call, until } from '#libs/testing';
import { operationsOf, readDocument } from './contract/document.js';
import { FakeUpstream } from '../support/fake-upstream.js';
import { PROMISED_ROUTES } from '../support/routes.js';
import { SlowClient } from '../support/slow-client.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const JSON_TYPE = { 'content-type': 'application/json' };

let upstream: FakeUpstream;
let stack: Stack;
let token: string;
beforeAll(async () => {
  upstream = await FakeUpstream.start();
  const env = {
    UPSTREAM_DESKTOPS_URL: upstream.url,
    UPSTREAM_SCHEDULES_URL: upstream.url,
    LAST_USED_EVERY_SECONDS: '1',
  };
  stack = await Stack.start({ dashboards: 1, env });
  ({ token } = await stack.issue('ada', LE_BUREAU.names));
});
afterAll(async () => {
  await stack.stop();
  await upstream.stop();
});
beforeEach(() => void upstream.reached.splice(0));

const forged = new KeyFormat({ prefix: 'sk_live', tagSecrets: ['a guess'] }).print(newKeyId()).text;

/** Chunks, so that the length is unknown in advance. */
function inChunks(text: string): RequestInit {
  return { body: new Blob([text]).stream(), duplex: 'half' };
}

/** Invalid bodies. */
const WRONG: [string, RequestInit][] = [
  ['no JSON', { headers: JSON_TYPE, body: '{' }],
  ['a form', { body: new URLSearchParams({ a: 'b' }) }],
  ['of an invalid type', { headers: { 'content-type': 'x' }, body: 'x' }],
  ['compressed', { headers: { ...JSON_TYPE, 'content-encoding': 'gzip' }, body: 'x' }],
  ['2 MB', { headers: JSON_TYPE, body: `{"x":"${'x'.repeat(2 * MIB)}"}` }],
  ['2 MB in chunks', { headers: JSON_TYPE, ...inChunks('x'.repeat(2 * MIB)) }],
];

async function memoryOf(service: ServiceProcess | undefined): Promise<number> {
  const [line = ''] = (await service?.metrics('process_resident_memory_bytes ')) ?? [];
  return Number(line.split(' ')[1]) / MIB;
}

describe('the body of a request without a credential', () => {
  const post = (url: string, init: RequestInit, key?: string): Promise<Answer> =>
    call(url, key, { method: 'POST', ...init });

  it.each(WRONG)('is not read by the gateway: %s', async (_, init) => {
    const bash = `${stack.gatewayUrl}/v1/desktops/d/bash`;
    if (!('duplex' in init))
      expect(await post(bash, init, forged)).toMatchObject({ body: { code: 'invalid_token' } });
    expect(await post(bash, init)).toMatchObject({ status: 401, body: { code: 'credentials_missing' } });
  });

  it.each(WRONG.filter(([, init]) => !('duplex' in init)))(
    'is not read by keys and dashboard: %s',
    async (_, init) => {
      const issue = `${stack.keysUrl}/owners/ada/keys`;
      expect(await post(issue, init)).toMatchObject({ status: 401, body: { code: 'credentials_missing' } });
      const headers = { ...Object(init.headers), 'sec-fetch-site': 'same-origin' };
      const create = await post(`${stack.dashboardUrl}/api/keys`, { ...init, headers });
      expect(create).toMatchObject({ status: 401, body: { code: 'signed_out' } });
    },
  );

  it('is not stored, and the connection is closed if it does not end', async () => {
    const before = await memoryOf(stack.gateways[0]);
    const head = `POST /v1/desktops/d/bash HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${MIB}\r\n\r\n`;
    const port = Number(new URL(stack.gatewayUrl).port);
    const clients = Array.from({ length: 60 }, () => new SlowClient(port, head + 'x'.repeat(MIB - 1)));
    const answers = await Promise.all(clients.map(({ ended }) => ended));
    expect(answers.filter(({ answer }) => !answer.startsWith('HTTP/1.1 401 '))).toEqual([]);
    expect(Math.max(...answers.map(({ afterMs }) => afterMs))).toBeLessThan(30_000); // after 45 s Node closes connections that are not read
    expect((await memoryOf(stack.gateways[0])) - before).toBeLessThan(40);
  });

  it('is skipped, and the next request on the same connection is served', async () => {
    const port = Number(new URL(stack.gatewayUrl).port);
    const head = `POST /v1/desktops/d/bash HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`;
    const client = new SlowClient(port, `${head}Content-Length: 50000\r\n\r\n`);
    await saying(client, '"code":"credentials_missing"');
    client.say('x'.repeat(50_000));
    client.say(`${head}Transfer-Encoding: chunked\r\n\r\n5\r\nGET /\r\n0\r\n\r\n`);
    client.say(`GET /v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`);
    await saying(client, '"userId":"ada"');
    expect(client.answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 401', 'HTTP/1.1 401', 'HTTP/1.1 200']);
    client.hangUp();
  });

  it('is not requested if the client waits for that', async () => {
    const port = Number(new URL(stack.gatewayUrl).port);
    const head = (key: string): string =>
      `POST /v1/desktops/d/bash HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 16\r\n\r\n`;
    const refused = new SlowClient(port, head(forged));
    await saying(refused, 'invalid_token');
    expect(refused.answer).toMatch(/^HTTP\/1\.1 401 /);
    refused.hangUp();
    const welcome = new SlowClient(port, head(token));
    await saying(welcome, 'HTTP/1.1 100 Continue\r\n\r\n');
    welcome.say('{"command":"ls"}');
    await saying(welcome, '{"ok":true}');
    welcome.hangUp();
  });
});

async function saying(client: SlowClient, text: string): Promise<void> {
  while (!client.answer.includes(text)) {
    if (!client.isOpen) throw new Error(`it was ended, having heard ${client.answer}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('the largest body of a route', () => {
  const send = async (method: string, path: string, body: string): Promise<Answer> =>
    call(stack.gatewayUrl + path, token, { method, headers: JSON_TYPE, body });

  it('fits all that its fields may contain, in any encoding, and little more', async () => {
    const document = await (await fetch(`${stack.gatewayUrl}/openapi.json`)).text();
    const operations = operationsOf(readDocument(document)).filter(({ method }) => method !== 'GET');
    expect(operations.length).toBeGreaterThan(10);
    for (const { method, template, body } of operations) {
      const path = template.replace(/\{\w+\}/, 'desk-1');
      // As Python's json writes an emoji, and as many as any route accepts.
      const texts = Object.entries(body?.schema.properties ?? {}).map(
        ([name, { type, maxLength = 40 }]) =>
          `"${name}":"${'\\ud83d\\ude00'.repeat(type === 'string' ? maxLength : 1)}"`,
      );
      const largest = `{${texts.join(',')}}`.slice(0, MIB);
      const fits = await send(method, path, largest);
      expect({ path, status: fits.status }).not.toEqual({ path, status: 413 });
      const limit = body?.name === 'ExecBody' ? MIB : Math.min(largest.length + 4 * KIB, MIB);
      const tooLarge = await send(method, path, 'x'.repeat(limit + 1));
      expect({ path, status: tooLarge.status }).toEqual({ path, status: 413 });
    }
  });

  it('is stated in the response to a larger one', async () => {
    expect(await send('POST', '/v1/desktops/d/click', 'x'.repeat(5000))).toMatchObject({
      body: { code: 'body_too_large', detail: 'The body must be at most 4096 bytes on this route.' },
    });
  });
});

describe('a body', () => {
  it.each([
    ['many values', `{${Array.from({ length: 90_000 }, (_, i) => `"k${i}":1`).join()}}`],
    ['many values in a list', `{"command":[${Array(400_000).fill(0).join()}]}`],
    ['deep values', `{"command":${'['.repeat(30)}${']'.repeat(30)}}`],
  ])('is refused before it is parsed if it has %s', async (_, body) => {
    const answer = await call(`${stack.gatewayUrl}/v1/desktops/d/bash`, token, {
      method: 'POST',
      headers: JSON_TYPE,
      body,
    });
    expect(answer).toMatchObject({
      status: 400,
      body: { detail: 'Send a JSON object, at most 20 levels deep and with at most 1200 values.' },
    });
  });

  it.each<[string, RequestInit]>([
    ['nothing, called JSON', { headers: JSON_TYPE }],
    [
      'nothing, called a form',
      { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: '' },
    ],
    ['{}', { headers: JSON_TYPE, body: '{}' }],
  ])('that is empty counts as none, whatever its type: %s', async (_, init) => {
    const answer = await call(`${stack.gatewayUrl}/v1/desktops/d/start`, token, { method: 'POST', ...init });
    expect(answer).toMatchObject({ status: 200, body: { ok: true } });
  });

  it('that is empty and chunked counts as none', async () => {
    const head = `POST /v1/desktops/d/start HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n`;
    const client = new SlowClient(
      Number(new URL(stack.gatewayUrl).port),
      `${head}Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    );
    await saying(client, '{"ok":true}');
    client.hangUp();
  });

  it('that is compressed is refused as unsupported', async () => {
    const compressed = { method: 'POST', headers: { ...JSON_TYPE, 'content-encoding': 'gzip' }, body: 'x' };
    expect(await call(`${stack.gatewayUrl}/v1/desktops/d/bash`, token, compressed)).toMatchObject({
      status: 415,
      body: {
        detail: 'Send the body as it is, without a Content-Encoding: compressed bodies are not accepted.',
      },
    });
  });

  it('does not make a request count more than once', async () => {
    const { token, key } = await stack.issue('grace', ['desktop:control']);
    const looks = async (): Promise<number> => {
      const lines = (await stack.gateways[0]?.metrics('gateway_cache_lookups_total{')) ?? [];
      return lines.reduce((sum, line) => sum + Number(line.split(' ')[1]), 0);
    };
    const before = await looks();
    const remaining: (string | null)[] = [];
    for (const body of ['{"command":"ls"}', '{', 'x'.repeat(2 * MIB)]) {
      const { headers } = await call(`${stack.gatewayUrl}/v1/desktops/d/bash`, token, {
        method: 'POST',
        headers: JSON_TYPE,
        body,
      });
      remaining.push(/r=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1] ?? null);
    }
    expect(remaining.map(Number)).toEqual([999_999, 999_998, 999_997]);
    expect((await looks()) - before).toBe(3);
    for (;;) {
      const { activity } = await stack.manage.activity(key.id);
      const shown = activity.map(({ status, count }) => `${status}: ${count}`).sort();
      if (shown.length < 3) continue;
      expect(shown).toEqual(['200: 1', '400: 1', '413: 1']);
      break;
    }
  });
});

describe('a key that is invalidated while the body of its request arrives', () => {
  const HALVES = ['{"command":', '"rm -r /"}'] as const;

  /** A request that was accepted, and whose body is only half sent. */
  async function begin(token: string): Promise<SlowClient> {
    await call(`${stack.gatewayUrl}/v1/me`, token);
    const head = `POST /v1/desktops/d/bash HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: ${HALVES.join('').length}\r\n\r\n`;
    const client = new SlowClient(Number(new URL(stack.gatewayUrl).port), head + HALVES[0]);
    await until(
      async () =>
        (await stack.gateways[0]?.metrics('gateway_responses_open '))?.[0] === 'gateway_responses_open 1',
    );
    return client;
  }

  /** Waits for what comes first: the gateway has read the whole request, or checks its open ones. */
  async function refusedOrCutOff(client: SlowClient): Promise<void> {
    while (client.isOpen && !client.answer.includes('invalid_token'))
      await new Promise((resolve) => setTimeout(resolve, 10));
    client.hangUp();
  }

  it('reaches no service if it was revoked', async () => {
    const { token, key } = await stack.issue('grace', ['desktop:control']);
    const client = await begin(token);
    await stack.manage.revoke(key.id);
    client.say(HALVES[1]);
    await refusedOrCutOff(client);
    expect(upstream.reached).toEqual([]);
  });

  it('reaches no service even if the gateway could not learn of its revocation', async () => {
    const { token, key } = await stack.issue('grace', ['desktop:control']);
    const client = await begin(token);
    stack.network.gatewaysToRedis.cut();
    // Back after a lease has expired, as a rule before the gateway checks its open requests again.
    await stack.manage.revoke(key.id);
    client.say(HALVES[1]);
    await refusedOrCutOff(client);
    stack.network.gatewaysToRedis.mend();
    expect(upstream.reached).toEqual([]);
  });

  it('reaches the service if it is still active', async () => {
    const { token } = await stack.issue('grace', ['desktop:control']);
    const client = await begin(token);
    await stack.manage.putOwner('grace', { email: 'grace@example.com', role: 'admin' });
    client.say(HALVES[1]);
    await saying(client, '{"ok":true}');
    client.hangUp();
    expect(upstream.reached).toHaveLength(1);
  });
});

describe('every route', () => {
  it.each(PROMISED_ROUTES.filter(({ method }) => method !== 'GET'))(
    'refuses requests without a key before their body is read: $method $template',
    async ({ method, path }) => {
      const head = `${method} ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n`;
      const client = new SlowClient(Number(new URL(stack.gatewayUrl).port), head);
      await saying(client, '"code":"credentials_missing"');
      client.hangUp();
    },
  );

  it('of the management API does, too', async () => {
    const head = `PUT /owners/ada HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n`;
    const client = new SlowClient(Number(new URL(stack.keysUrl).port), head);
    await saying(client, '"code":"credentials_missing"');
    client.hangUp();
    const manage = { authorization: `Bearer ${TEST_SECRETS.KEYS_MANAGE_TOKEN}`, ...JSON_TYPE };
    const large = { method: 'PUT', headers: manage, body: 'x'.repeat(20 * KIB) };
    expect((await call(`${stack.keysUrl}/owners/ada`, undefined, large)).status).toBe(413);
  });
});
