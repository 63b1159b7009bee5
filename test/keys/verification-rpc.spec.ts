import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type GenuineKey, KeyFormat } from '#libs/key-format';
import { VerifyClient } from '#libs/keys-client';
import { Stack, TEST_SECRETS, TcpProxy, noteIssued } from '#libs/testing';

let stack: Stack;
let url: string;
beforeAll(async () => {
  stack = await Stack.start({ gateways: 0, keys: 2 });
  url = stack.keys.map(({ verifyPort }) => `tcp://127.0.0.1:${verifyPort}`).join(',');
});
afterAll(() => stack.stop());

const format = new KeyFormat({ prefix: 'sk_live', tagSecrets: [TEST_SECRETS.KEY_TAG_SECRET] });
const credential = TEST_SECRETS.KEYS_VERIFY_TOKEN;
/** A busy machine may need longer than gateways wait. */
const TIMEOUT_MS = 60_000;

function genuine(token: string): GenuineKey {
  const key = format.read(token);
  if (key.outcome !== 'genuine') throw new Error('not a key of this deployment');
  return key;
}

/**
 * Sends bytes to the first replica's verification RPC. Resolves with what comes back until that has `text`, or the
 * connection is closed; without `text`, also after a second.
 */
function send(bytes: string, text?: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(stack.keys[0]?.verifyPort ?? 0, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (chunk) => {
      answer += chunk.toString();
      if (text !== undefined && answer.includes(text)) socket.destroy();
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', () => undefined);
    if (text === undefined) setTimeout(() => socket.destroy(), 1000);
  });
}
const message = (content: unknown): string => {
  const text = JSON.stringify(content);
  return `${text.length}#${text}`;
};

describe('the verification RPC', () => {
  it('accepts a valid key, with its owner', async () => {
    const client = new VerifyClient({ url, credential, timeoutMs: TIMEOUT_MS });
    const { token, key } = await stack.issue();
    expect(await client.verify(genuine(token), null)).toEqual({
      outcome: 'valid',
      principal: {
        keyId: key.id,
        capabilities: ['desktop:read'],
        expiresAtMs: null,
        rateLimitPerMinute: null,
        owner: { id: 'ada', email: 'ada@example.com', emailVerified: false, role: 'user', tier: 'free' },
      },
      cacheable: false,
      expiresInMs: null,
    });
    client.close();
  });

  it('says how long a key has left', async () => {
    const client = new VerifyClient({ url, credential, timeoutMs: TIMEOUT_MS });
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const { token } = await stack.manage.issue('ada', { name: 'x', capabilities: ['kb:read'], expiresAt });
    noteIssued(token);
    const askedAt = Date.now();
    const answer = await client.verify(genuine(token), null);
    if (answer.outcome !== 'valid' || answer.expiresInMs == null) throw new Error('it does not say');
    const end = Date.parse(expiresAt);
    expect(answer.principal.expiresAtMs).toBe(end);
    expect(answer.expiresInMs).toBeLessThanOrEqual(end - askedAt);
    expect(answer.expiresInMs).toBeGreaterThan(end - Date.now() - 1); // which is an integer
    client.close();
  });

  it('says which capabilities a key can get', async () => {
    const client = new VerifyClient({ url, credential, timeoutMs: TIMEOUT_MS });
    const known = await client.catalogue();
    if (known.outcome !== 'known') throw new Error(known.outcome);
    expect(known.capabilities.slice(0, 2)).toEqual(['desktop:read', 'desktop:lifecycle']);
    client.close();
    const stranger = new VerifyClient({ url, credential: 'x'.repeat(40), timeoutMs: TIMEOUT_MS });
    expect(await stranger.catalogue()).toMatchObject({
      outcome: 'unavailable',
      cause: { message: expect.stringContaining('token of the verification RPC is wrong') },
    });
    stranger.close();
  });

  it('says which tag secrets it has, by fingerprints', async () => {
    const client = new VerifyClient({ url, credential, timeoutMs: TIMEOUT_MS });
    const { tagFingerprints: fingerprints } = format;
    expect(await client.tagSecrets()).toEqual({ outcome: 'known', fingerprints });
    client.close();
  });

  it('says which rate limit a key has', async () => {
    const client = new VerifyClient({ url, credential, timeoutMs: TIMEOUT_MS });
    const request = { name: 'x', capabilities: ['kb:read'], rateLimitPerMinute: 600 };
    const { token } = await stack.manage.issue('ada', request);
    noteIssued(token);
    expect(await client.verify(genuine(token), null)).toMatchObject({
      principal: { rateLimitPerMinute: 600 },
    });
    client.close();
  });

  it('says where a key may be used from, to those who check it: others get a refusal, which is not cached', async () => {
    const client = new VerifyClient({ url, credential, timeoutMs: TIMEOUT_MS });
    const allowedIps = ['203.0.113.0/24'];
    const { token } = await stack.manage.issue('ada', { name: 'x', capabilities: ['kb:read'], allowedIps });
    noteIssued(token);
    expect(await client.verify(genuine(token), null)).toMatchObject({
      outcome: 'valid',
      principal: { allowedIps },
    });
    client.close();
    const question = { credential, key: token, log: null };
    for (const enforces of [undefined, null, [], 'allowedIps', ['something else']]) {
      const data = { ...question, enforces };
      const answer = await send(message({ pattern: 'verify.v3', data, id: '1' }), '"id":"1"');
      expect(answer).toContain('{"outcome":"refused","reason":"unknown","cacheable":false}');
    }
  });

  it('tells a caller of version 0.1.0, which knows no pauses, that the owner of a paused key is suspended', async () => {
    const client = new VerifyClient({ url, credential, timeoutMs: TIMEOUT_MS });
    const { token, key } = await stack.issue();
    await stack.manage.pause(key.id);
    expect(await client.verify(genuine(token), null)).toMatchObject({ outcome: 'refused', reason: 'paused' });
    client.close();
    const data = { credential, key: token, log: null };
    const answer = await send(message({ pattern: 'verify.v3', data, id: '1' }), '"id":"1"');
    expect(answer).toContain('{"outcome":"refused","reason":"owner_suspended"');
  });

  it('allows caching only to those who follow the log that revocations are published to', async () => {
    const client = new VerifyClient({ url, credential, timeoutMs: TIMEOUT_MS });
    const { token, key } = await stack.issue();
    await stack.manage.revoke((await stack.issue()).key.id); // after that, the log's identity is recorded
    const { rows } = await stack.database.query('SELECT identity FROM revocation_log');
    const identity = String(rows[0]?.identity);
    expect(await client.verify(genuine(token), identity)).toMatchObject({
      outcome: 'valid',
      cacheable: true,
    });
    for (const other of [null, '', `${identity}0`])
      expect(await client.verify(genuine(token), other)).toMatchObject({
        outcome: 'valid',
        cacheable: false,
      });
    await stack.manage.revoke(key.id);
    for (const [log, cacheable] of [
      [identity, true],
      [null, false],
    ] as const)
      expect(await client.verify(genuine(token), log)).toMatchObject({ reason: 'revoked', cacheable });
    client.close();
  });

  it.each([
    ['a wrong token', 'x'.repeat(40)],
    ['the token of the management API', TEST_SECRETS.KEYS_MANAGE_TOKEN],
    ['an empty token', ''],
  ])('refuses %s', async (_, wrong) => {
    const client = new VerifyClient({ url, credential: wrong });
    const { token } = await stack.issue();
    const answer = await client.verify(genuine(token), null);
    expect(answer.outcome).toBe('unavailable');
    expect(await client.isReady()).toBe(false);
    client.close();
  });

  it.each([
    [
      'no credential',
      message({ pattern: 'verify.v3', data: { key: 'x' }, id: '1' }),
      'token of the verification RPC is wrong',
    ],
    ['no data', message({ pattern: 'verify.v3', id: '1' }), 'token of the verification RPC is wrong'],
    [
      'a credential that is a list',
      message({ pattern: 'verify.v3', data: { credential: [credential] }, id: '1' }),
      'is wrong',
    ],
    ['no key', message({ pattern: 'verify.v3', data: { credential }, id: '1' }), 'a question has a key'],
    [
      'a key that is a number',
      message({ pattern: 'verify.v3', data: { credential, key: 7 }, id: '1' }),
      'a question has a key',
    ],
    [
      'a huge key',
      message({ pattern: 'verify.v3', data: { credential, key: 'x'.repeat(9999) }, id: '1' }),
      'a question has a key',
    ],
    [
      'no log',
      message({ pattern: 'verify.v3', data: { credential, key: 'x' }, id: '1' }),
      'a question has a log',
    ],
    [
      'another pattern',
      message({ pattern: 'issue.v1', data: { credential }, id: '1' }),
      'no matching message handler',
    ],
  ])('responds with an error to %s', async (_, bytes, sentence) => {
    expect(await send(bytes, sentence)).toContain(sentence);
  });

  it.each([
    ['no frame', 'GET / HTTP/1.1\r\n\r\n#'],
    ['a frame without JSON', '5#hello'],
    ['a frame that never ends', '99999999#' + 'x'.repeat(1_100_000)],
    ['a frame with an endless length', '1'.repeat(1_000_000)],
    ['a number for a message', '1#7'],
    ['null', '4#null'],
  ])('survives %s', async (_, bytes) => {
    await send(bytes);
    const client = new VerifyClient({ url, credential, timeoutMs: TIMEOUT_MS });
    expect(await client.isReady()).toBe(true);
    client.close();
  });

  it('logs no key or token if it cannot read a message', async () => {
    const { token } = await stack.issue();
    const broken = `{"key":"${token}","credential":"${credential}"`;
    await send(`${broken.length}#${broken}`);
    await send(message({ pattern: token, data: { key: token, credential }, id: '1' }));
    await stack.keys[0]?.service.process.waitForOutput('invalid received message');
    expect(stack.logs).not.toContain(token.slice(-46));
    expect(stack.logs).not.toContain(credential);
  });
});

describe('the log of the verification RPC', () => {
  const lines = (): string[] => (stack.keys[0]?.service.process.stdout ?? '').split('\n');

  it('contains nothing that strangers send, and does not grow with their messages', async () => {
    const before = lines().length;
    const pattern = `${'a.'.repeat(60_000)}pattern`;
    const events = message({ pattern, data: {} }).repeat(5);
    expect(await send(events)).toBe('');
    await send(message('the-broken-message').replace('"', '') + message({ pattern }));
    await send(`${pattern}#`);
    await send(message({ pattern: 'a.a.', data: {} }));
    await stack.keys[0]?.service.process.waitForOutput('ignored a message without an id');
    const written = lines().slice(before);
    expect(written.filter((line) => /a\.a\.|the-broken/.test(line))).toEqual([]);
    expect(written.filter((line) => line.includes('without an id')).length).toBeLessThanOrEqual(1);
    expect(Math.max(...written.map((line) => line.length))).toBeLessThan(4000);
  });
});

describe('the verify client', () => {
  it('asks one replica about one key, so that its bcrypt runs once', async () => {
    const proxies = await Promise.all(stack.keys.map(({ verifyPort }) => TcpProxy.start(verifyPort)));
    const client = new VerifyClient({
      url: proxies.map(({ port }) => `tcp://127.0.0.1:${port}`).join(','),
      credential,
    });
    const tokens = [];
    for (let i = 0; i < 24; i++) tokens.push(await stack.issue());
    for (const { token } of tokens) await client.verify(genuine(token), null);
    const after = proxies.map(({ bytes }) => bytes);
    expect(Math.min(...after)).toBeGreaterThan(0); // both were asked
    const one = genuine(tokens[0]?.token ?? '');
    for (let i = 0; i < 10; i++) await client.verify(one, null);
    expect(proxies.filter(({ bytes }, i) => bytes > (after[i] ?? 0))).toHaveLength(1);
    client.close();
    await Promise.all(proxies.map((proxy) => proxy.stop()));
  });

  it('asks the next replica if one does not answer in time', async () => {
    const silent = await TcpProxy.start(stack.keys[0]?.verifyPort ?? 0);
    silent.hold();
    const client = new VerifyClient({
      url: `tcp://127.0.0.1:${silent.port},tcp://127.0.0.1:${stack.keys[1]?.verifyPort ?? 0}`,
      credential,
      timeoutMs: 3000,
    });
    for (let i = 0; i < 6; i++) {
      expect((await client.verify(genuine((await stack.issue()).token), null)).outcome).toBe('valid');
    }
    client.close();
    await silent.stop();
  });

  it('uses every address of a name', async () => {
    const port = stack.keys[0]?.verifyPort ?? 0;
    const asked: string[] = [];
    const beganAt = performance.now();
    const client = new VerifyClient({
      url: `tcp://keys.internal:${port}`,
      credential,
      timeoutMs: TIMEOUT_MS,
      resolve: (host) => {
        asked.push(host);
        return Promise.resolve(['127.0.0.1', '127.0.0.9']); // nothing listens on the second
      },
    });
    for (let i = 0; i < 6; i++) {
      expect((await client.verify(genuine((await stack.issue()).token), null)).outcome).toBe('valid');
    }
    expect([...new Set(asked)]).toEqual(['keys.internal']);
    // First, when one has not answered, and every five seconds; not for each question.
    expect(asked.length).toBeLessThan(6 + (performance.now() - beganAt) / 5000);
    client.close();
  });

  it('reports that no replica answers, with the cause', async () => {
    const client = new VerifyClient({ url: 'tcp://127.0.0.1:9', credential });
    const { token } = await stack.issue();
    expect(await client.verify(genuine(token), null)).toMatchObject({
      outcome: 'unavailable',
      cause: { code: 'ECONNREFUSED' },
    });
    client.close();
  });
});

describe('a key that another replica has issued', () => {
  it('is accepted', async () => {
    const { token } = await stack.issue(); // issued by the first replica, verified by the second
    const client = new VerifyClient({ url: `tcp://127.0.0.1:${stack.keys[1]?.verifyPort ?? 0}`, credential });
    const all = await Promise.all(Array.from({ length: 20 }, () => client.verify(genuine(token), null)));
    expect(new Set(all.map(({ outcome }) => outcome))).toEqual(new Set(['valid']));
    client.close();
  });

  it('is refused with another secret, even with a genuine tag', async () => {
    const client = new VerifyClient({ url, credential, timeoutMs: TIMEOUT_MS });
    const { text } = format.print(genuine((await stack.issue()).token).id);
    expect(await client.verify(genuine(text), null)).toEqual({
      outcome: 'refused',
      reason: 'wrong_secret',
      cacheable: false,
    });
    client.close();
  });
});
