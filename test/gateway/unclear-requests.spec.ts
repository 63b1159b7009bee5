import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ServiceProcess, Stack, TEST_SECRETS } from '#libs/testing';
import { FakeUpstream } from '../support/fake-upstream.js';

let upstream: FakeUpstream;
let stack: Stack;
let token: string;
beforeAll(async () => {
  upstream = await FakeUpstream.start();
  stack = await Stack.start({ dashboards: 1, env: { UPSTREAM_DESKTOPS_URL: upstream.url } });
  ({ token } = await stack.issue('ada', ['desktop:lifecycle', 'desktop:control']));
});
afterAll(async () => {
  await stack.stop();
  await upstream.stop();
});

interface Received {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: any; // eslint-disable-line @typescript-eslint/no-explicit-any -- each test knows what it asked for
}

/** Sends requests unchanged over one connection, the last of which closes it; returns the responses. */
function send(url: string, ...requests: (string | Buffer)[]): Promise<Received[]> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(Number(port), hostname, () => {
      for (const request of requests) socket.write(request);
    });
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.on('error', reject);
    socket.on('close', () => resolve(answersIn(text)));
  });
}

function answersIn(text: string): Received[] {
  return text
    .split(/(?=HTTP\/1\.1 \d{3} )/)
    .filter((answer) => answer !== '' && !answer.startsWith('HTTP/1.1 100 '))
    .map((answer) => {
      const [head = '', body = ''] = answer.split('\r\n\r\n');
      const [first = '', ...lines] = head.split('\r\n');
      const headers = lines.map((line) => line.split(': ', 2) as [string, string]); // eslint-disable-line @typescript-eslint/consistent-type-assertions -- a header has a name and a value
      return {
        status: Number(first.split(' ')[1]),
        headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
        body: body.startsWith('{') ? JSON.parse(body) : body,
      };
    });
}

const services = (): [ServiceProcess | undefined, string][] => [
  [stack.gateways[0], '/v1/me'],
  [stack.keys[0]?.service, '/owners/ada'],
  [stack.dashboards[0], '/api/session'],
];

describe('a request that Node would refuse without a body, or misinterpret', () => {
  it.each([
    ['without a Host', 'X-A: b', 400, 'invalid_request', 'Send one Host header.'],
    ['with two Hosts', 'Host: x\r\nHost: y', 400, 'invalid_request', 'Send one Host header.'],
    ['with a Host twice', 'Host: x\r\nhost: x', 400, 'invalid_request', 'Send one Host header.'],
    [
      'with an unknown expectation',
      'Host: x\r\nExpect: x',
      417,
      'expectation_failed',
      'Send the request without an Expect header, or with 100-continue.',
    ],
  ])('gets a problem with a request ID, which is logged: %s', async (_, headers, status, code, detail) => {
    for (const [service, path] of services()) {
      const [answer, ...more] = await send(
        service?.url ?? '',
        `GET ${path} HTTP/1.1\r\n${headers}\r\nConnection: close\r\n\r\n`,
      );
      expect([path, answer?.status, more]).toEqual([path, status, []]);
      expect(answer?.headers).toMatchObject({
        'content-type': expect.stringContaining('application/problem+json'),
      });
      expect(answer?.body).toMatchObject({
        status,
        code,
        detail,
        requestId: answer?.headers['x-request-id'],
      });
      await service?.process.waitForOutput(answer?.body.requestId);
    }
  });

  it('is served if it is unambiguous: HTTP/1.0 needs no Host, and 100-continue is a known expectation', async () => {
    const [old] = await send(stack.gatewayUrl, 'GET /healthz HTTP/1.0\r\n\r\n');
    expect(old?.status).toBe(200);
    const head = `POST /v1/desktops/d/click HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n`;
    const body = '{"x":1,"y":2}';
    const [clicked] = await send(
      stack.gatewayUrl,
      `${head}Expect: 100-Continue\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    expect(clicked?.status).toBe(200);
    expect(upstream.reached.at(-1)?.body).toContain('"x":1');
  });
});

describe('a request to the management API', () => {
  it('is refused with two Authorization headers, whichever of them is right', async () => {
    const right = `Authorization: Bearer ${TEST_SECRETS.KEYS_MANAGE_TOKEN}\r\n`;
    const wrong = 'authorization: Bearer of-somebody-else\r\n';
    for (const headers of [right + wrong, wrong + right, right + right]) {
      const [answer] = await send(
        stack.keysUrl,
        `GET /owners/ada HTTP/1.1\r\nHost: x\r\n${headers}Connection: close\r\n\r\n`,
      );
      expect(answer?.status).toBe(400);
      expect(answer?.headers['www-authenticate']).toBe('Bearer realm="keys", error="invalid_request"');
      expect(answer?.body).toMatchObject({
        code: 'invalid_request',
        detail: 'Send one Authorization header, with one token.',
      });
    }
  });
});

describe('an encoded body', () => {
  const post = (path: string, credential: string, encoding: string, body: Buffer): Buffer =>
    Buffer.concat([
      Buffer.from(
        `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${credential}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Encoding: ${encoding}\r\nContent-Length: ${body.length}\r\n\r\n`,
      ),
      body,
    ]);

  it.each(['gzip', 'deflate', 'br', 'gzip, identity'])('is refused with a sentence: %s', async (encoding) => {
    const zipped = gzipSync('{"x":1,"y":2}');
    for (const [url, path, credential] of [
      [stack.gatewayUrl, '/v1/desktops/d/click', token],
      [stack.keysUrl, '/owners/ada/suspend', TEST_SECRETS.KEYS_MANAGE_TOKEN],
    ] as const) {
      const [answer] = await send(url, post(path, credential, encoding, zipped));
      expect(answer).toMatchObject({
        status: 415,
        headers: { 'accept-encoding': 'identity' },
        body: {
          code: 'unsupported_media_type',
          detail: 'Send the body as it is, without a Content-Encoding: compressed bodies are not accepted.',
        },
      });
    }
  });

  it('is read if its encoding is identity', async () => {
    const plain = Buffer.from('{"x":1,"y":2}');
    const [answer] = await send(stack.gatewayUrl, post('/v1/desktops/d/click', token, 'Identity', plain));
    expect(answer?.status).toBe(200);
  });
});

describe('a route without a body', () => {
  const start = (headers: string): string =>
    `POST /v1/desktops/d/start HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n${headers}\r\n`;
  const last = 'Connection: close\r\n';

  it.each([
    ['no body', ''],
    ['no body, with type JSON', 'Content-Type: application/json\r\n'],
    [
      'no body, with the type of a form',
      'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 0\r\n',
    ],
    ['no body, with an unknown type', 'Content-Type: x\r\nContent-Length: 0\r\n'],
  ])('accepts an empty one of any type, and keeps the connection: %s', async (_, headers) => {
    const answers = await send(stack.gatewayUrl, start(headers), start(headers + last));
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  });

  it('refuses any other', async () => {
    const form = 'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n';
    const [answer] = await send(stack.gatewayUrl, `${start(form + last)}a=b`);
    expect(answer).toMatchObject({ status: 415, body: { detail: 'Send the body as application/json.' } });
  });

  it('is unlike a route with fields, which an empty body lacks', async () => {
    const empty = 'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 0\r\n';
    const [answer] = await send(stack.gatewayUrl, start(empty + last).replace('/start', '/click'));
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: '/x' }, { pointer: '/y' }] } });
  });
});
