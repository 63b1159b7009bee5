import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { type GenuineKey, KeyFormat, findKeyId, newKeyId } from '#libs/key-format';
import { type Verification, VerifyClient } from '#libs/keys-client';
import {
  type KeysProcess,
  Stack,
  type StackOptions,
  TEST_SECRETS,
  call,
  callOnce,
  noteIssued,
} from '#libs/testing';
import { comparisonsIn, untilKept, verdictOf } from './verdicts.js';

const format = new KeyFormat({ prefix: 'sk_live', tagSecrets: [TEST_SECRETS.KEY_TAG_SECRET] });
const KEYS = 12;

let stack: Stack;
let redis: Redis;
let clients: VerifyClient[];

async function start(options: StackOptions = {}): Promise<void> {
  stack = await Stack.start({ gateways: 0, ...options, env: { LOG_LEVEL: 'debug', ...options.env } });
  redis = new Redis(stack.redis.url);
  redis.on('error', () => undefined); // A test that kills it means to.
}
beforeEach(() => void (clients = []));
afterEach(async () => {
  for (const client of clients) client.close();
  redis.disconnect();
  await stack.stop();
});

/** Asks one replica directly, without a gateway's cache. */
function ask({ verifyPort }: KeysProcess): (token: string) => Promise<Verification> {
  const url = `tcp://127.0.0.1:${verifyPort}`;
  const client = new VerifyClient({ url, credential: TEST_SECRETS.KEYS_VERIFY_TOKEN, timeoutMs: 60_000 });
  clients.push(client);
  return (token) => client.verify(genuine(token), null);
}

function genuine(token: string): GenuineKey {
  const key = format.read(token);
  if (key.outcome !== 'genuine') throw new Error('not a key of this deployment');
  return key;
}

function replica(index = 0): KeysProcess {
  const found = stack.keys[index];
  if (found === undefined) throw new Error('there is no such replica');
  return found;
}

async function restart({ service }: KeysProcess, changes?: Record<string, string>): Promise<void> {
  await service.process.stop();
  await service.restart(changes);
}

/** New keys whose verdicts are in Redis: those are stored while the response is sent. */
async function issue(count = KEYS): Promise<string[]> {
  const tokens: string[] = [];
  for (let i = 0; i < count; i++) tokens.push((await stack.issue()).token);
  for (const token of tokens) await untilKept(redis, token);
  return tokens;
}

/** The same ID with another secret, as only someone with the tag secret can make it. */
const withAnotherSecret = (token: string): string => format.print(findKeyId(token) ?? newKeyId()).text;

describe('keys that were verified before', () => {
  it('need no comparison after a restart or at another replica', async () => {
    await start({ keys: 2 });
    const tokens = await issue();
    await restart(replica(0));
    for (const index of [0, 1]) {
      const verify = ask(replica(index));
      for (const token of tokens) expect(await verify(token)).toMatchObject({ outcome: 'valid' });
      expect(await comparisonsIn(replica(index))).toBe(0);
    }
    const ttl = await redis.ttl(`verdict:${genuine(tokens[0] ?? '').id}`);
    expect(ttl).toBeGreaterThan(24 * 60 * 60 - 60);
  });

  it('are still read from the database: a verdict does not say that a key is active', async () => {
    await start();
    const [token = ''] = await issue(1);
    await stack.manage.revoke(genuine(token).id);
    await restart(replica());
    expect(await verdictOf(redis, token)).not.toBeNull();
    expect(await ask(replica())(token)).toMatchObject({ outcome: 'refused', reason: 'revoked' });
  });

  it('need one comparison each if Redis has lost everything, however many requests come at once', async () => {
    await start();
    const tokens = await issue(6);
    await restart(replica(), { BCRYPT_QUEUE: '100' });
    await redis.flushall();
    const verify = ask(replica());
    const askers = tokens.flatMap((token) => Array.from({ length: 10 }, () => verify(token)));
    for (const { outcome } of await Promise.all(askers)) expect(outcome).toBe('valid');
    expect(await comparisonsIn(replica())).toBe(tokens.length);
    for (const token of tokens) await untilKept(redis, token);
  });

  it('have their verdicts stored again at their next use if Redis comes back empty', async () => {
    await start();
    const [token = ''] = await issue(1);
    await stack.redis.kill();
    await stack.redis.restartEmpty();
    const verify = ask(replica());
    while ((await verdictOf(redis, token).catch(() => null)) === null) await verify(token);
    expect(await comparisonsIn(replica())).toBe(0);
  });
});

describe('a wrong secret with a genuine tag', () => {
  it('is refused each time, and leaves no verdict', async () => {
    await start();
    const [token = ''] = await issue(1);
    const right = await verdictOf(redis, token);
    const wrong = withAnotherSecret(token);
    const verify = ask(replica());
    for (let i = 0; i < 2; i++) {
      expect(await verify(wrong)).toMatchObject({ outcome: 'refused', reason: 'wrong_secret' });
    }
    expect(await comparisonsIn(replica())).toBe(2);
    expect(await verdictOf(redis, token)).toBe(right);

    await restart(replica());
    await redis.flushall();
    expect(await verify(wrong)).toMatchObject({ reason: 'wrong_secret' });
    expect(await verify(token)).toMatchObject({ outcome: 'valid' });
    expect(await verify(wrong)).toMatchObject({ reason: 'wrong_secret' });
    expect(await comparisonsIn(replica())).toBe(3);
    await untilKept(redis, token);
    expect(await verdictOf(redis, token)).toBe(right);
  });

  it.each([
    ['of another key', (other: string) => verdictOf(redis, other)],
    ['of no key', () => Promise.resolve('A'.repeat(43))],
    ['that is empty', () => Promise.resolve('')],
  ])('is not accepted by a verdict %s that an attacker puts into Redis', async (_, forge) => {
    await start();
    const [token = '', other = ''] = await issue(2);
    await restart(replica());
    await redis.set(`verdict:${genuine(token).id}`, (await forge(other)) ?? '');
    const verify = ask(replica());
    expect(await verify(withAnotherSecret(token))).toMatchObject({ reason: 'wrong_secret' });
    expect(await verify(token)).toMatchObject({ outcome: 'valid' });
    expect(await comparisonsIn(replica())).toBe(2);
  });
});

describe('a key is verified with bcrypt, a new one without, and wrong secrets are refused', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['is down', () => stack.redis.kill()],
    ['does not answer', () => redis.client('PAUSE', 600_000, 'ALL')],
    ['is full', () => redis.config('SET', 'maxmemory', '1')],
  ])('when Redis %s', async (_, happens) => {
    await start();
    const [token = ''] = await issue(1);
    await restart(replica(), { BCRYPT_COST: '5' });
    await redis.flushall();
    await happens();
    const verify = ask(replica());
    expect(await verify(withAnotherSecret(token))).toMatchObject({ reason: 'wrong_secret' });
    const all = await Promise.all(Array.from({ length: 10 }, () => verify(token)));
    expect(new Set(all.map(({ outcome }) => outcome))).toEqual(new Set(['valid']));
    expect(await comparisonsIn(replica())).toBe(2);
    await replica().service.process.waitForOutput('verdicts cannot be kept');
    const made = await stack.manage.issue('ada', { name: 'x', capabilities: ['desktop:read'] });
    noteIssued(made.token);
    expect(await verify(made.token)).toMatchObject({ outcome: 'valid' });
  });
});

describe('more first uses than bcrypt can handle', () => {
  it('get a 503 with Retry-After, and are accepted when they retry', async () => {
    await start({
      gateways: 1,
      env: { BCRYPT_COST: '11', BCRYPT_CONCURRENCY: '1', BCRYPT_QUEUE: '0' },
    });
    const tokens = await issue(6);
    await restart(replica());
    await redis.flushall();
    const me = `${stack.gatewayUrl}/v1/me`;
    const first = await Promise.all(tokens.map((token) => callOnce(me, token)));
    const busy = first.filter(({ status }) => status === 503);
    expect(busy.length).toBeGreaterThan(0);
    for (const { status } of first) expect([200, 503]).toContain(status);
    for (const { headers, body } of busy) {
      expect(headers.get('retry-after')).toBe('1');
      expect(body).toMatchObject({ code: 'unavailable' });
    }
    for (const token of tokens) {
      // On a busy machine, a comparison may take longer than a gateway waits, and is done by the next attempt.
      let status = 503;
      while (status === 503) ({ status } = await call(me, token));
      expect(status).toBe(200);
    }
    expect(await comparisonsIn(replica())).toBe(tokens.length);
  });
});
