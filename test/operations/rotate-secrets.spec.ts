import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { KeyFormat } from '#libs/key-format';
import { ManageClient, VerifyClient } from '#libs/keys-client';
import { type KeysProcess, type ServiceProcess, Stack, TEST_SECRETS, call, noteIssued } from '#libs/testing';
import { comparisonsIn, untilKept } from '../keys/verdicts.js';

const NEW = {
  KEY_TAG_SECRET: 'the-new-tag-secret-of-the-tests-01234567',
  VERDICT_SECRET: 'the-new-verdict-secret-of-the-tests-0123',
} as const;
type Name = keyof typeof NEW;

/** The three steps of docs/operations.md: the list of secrets after each. */
const steps = (name: Name): readonly [string, string, string] => {
  const [before, after] = [TEST_SECRETS[name], NEW[name]];
  return [`${before},${after}`, `${after},${before}`, after];
};

let stack: Stack;
let redis: Redis;
/** Every key that was created in this test. */
let tokens: string[];
let clients: VerifyClient[];

beforeEach(async () => {
  tokens = [];
  stack = await Stack.start({ keys: 2, gateways: 2, env: { LOG_LEVEL: 'debug' } });
  redis = new Redis(stack.redis.url);
  await stack.manage.putOwner('ada', { email: 'ada@example.com' });
  clients = stack.keys.map(
    ({ verifyPort }) =>
      new VerifyClient({
        url: `tcp://127.0.0.1:${verifyPort}`,
        credential: TEST_SECRETS.KEYS_VERIFY_TOKEN,
        timeoutMs: 60_000,
      }),
  );
});
afterEach(async () => {
  for (const client of clients) client.close();
  redis.disconnect();
  await stack.stop();
});

async function restart(service: ServiceProcess, changes: Partial<Record<Name, string>>): Promise<void> {
  await service.process.stop();
  await service.restart(changes);
}

/** A new key from each replica. */
async function issue(): Promise<void> {
  for (const { service } of stack.keys) {
    const credential = TEST_SECRETS.KEYS_MANAGE_TOKEN;
    const manage = new ManageClient({ url: service.url, credential, timeoutMs: 120_000 });
    const { token } = await manage.issue('ada', { name: 'x', capabilities: ['kb:read'] });
    noteIssued(token);
    tokens.push(token);
    await untilKept(redis, token);
  }
}

/** Each gateway's status for each key, whichever replica it asks. */
async function statuses(): Promise<number[]> {
  const answers = stack.gateways.flatMap(({ url }) => tokens.map((token) => call(`${url}/v1/me`, token)));
  return (await Promise.all(answers)).map(({ status }) => status);
}

/** Each replica's answer about each key, without a gateway's cache. */
async function outcomes(): Promise<string[]> {
  const format = new KeyFormat({
    prefix: 'sk_live',
    tagSecrets: [TEST_SECRETS.KEY_TAG_SECRET, NEW.KEY_TAG_SECRET],
  });
  const found: string[] = [];
  for (const client of clients) {
    for (const token of tokens) {
      const key = format.read(token);
      if (key.outcome !== 'genuine') throw new Error('not a key of this test');
      found.push((await client.verify(key, null)).outcome);
    }
  }
  return found;
}

/** Creates keys at every replica, and checks that all keys so far are valid everywhere. */
async function expectAllValid(): Promise<void> {
  await issue();
  expect(new Set(await statuses())).toEqual(new Set([200]));
  expect(new Set(await outcomes())).toEqual(new Set(['valid']));
}

const comparisons = async (): Promise<number[]> =>
  Promise.all(stack.keys.map((keys: KeysProcess) => comparisonsIn(keys)));

/** Which secret a key's tag was made with. */
const isTaggedBy = (secret: string, token: string): boolean =>
  new KeyFormat({ prefix: 'sk_live', tagSecrets: [secret] }).read(token).outcome === 'genuine';

describe('rotating KEY_TAG_SECRET', () => {
  it('keeps every key valid at every step, with old and new replicas side by side, until the old secret is removed', async () => {
    await expectAllValid();
    const [appended, inFront, alone] = steps('KEY_TAG_SECRET');
    for (const KEY_TAG_SECRET of [appended, inFront]) {
      for (const service of [...stack.gateways, ...stack.keys.map(({ service }) => service)]) {
        await restart(service, { KEY_TAG_SECRET });
        await expectAllValid();
      }
    }
    const old = tokens.filter((token) => isTaggedBy(TEST_SECRETS.KEY_TAG_SECRET, token));
    const made = tokens.filter((token) => isTaggedBy(NEW.KEY_TAG_SECRET, token));
    expect(old.length + made.length).toBe(tokens.length);
    expect(Math.min(old.length, made.length)).toBeGreaterThan(1);

    // Removing it only refuses the keys with its tag, which are valid again once it is added back.
    const [gateway] = stack.gateways;
    if (gateway === undefined) throw new Error('there is no gateway');
    const answers = async (): Promise<number[][]> => {
      const ask = async (token: string): Promise<number> =>
        (await call(`${gateway.url}/v1/me`, token)).status;
      return [await Promise.all(old.map(ask)), await Promise.all(made.map(ask))];
    };
    await restart(gateway, { KEY_TAG_SECRET: alone });
    expect(await answers()).toEqual([old.map(() => 401), made.map(() => 200)]);
    await restart(gateway, { KEY_TAG_SECRET: inFront });
    expect(await answers()).toEqual([old.map(() => 200), made.map(() => 200)]);
  });
});

describe('rotating VERDICT_SECRET', () => {
  it('needs no comparison, with old and new replicas side by side', async () => {
    await expectAllValid();
    for (const VERDICT_SECRET of steps('VERDICT_SECRET')) {
      for (const { service } of stack.keys) {
        await restart(service, { VERDICT_SECRET });
        await expectAllValid();

        expect(await comparisons()).toEqual([0, 0]);
      }
    }
  });

  it('needs one comparison per key if the old secret is removed at once, and refuses none', async () => {
    for (let i = 0; i < 3; i++) await issue();
    for (const { service } of stack.keys) await restart(service, { VERDICT_SECRET: NEW.VERDICT_SECRET });
    for (let i = 0; i < 2; i++) expect(new Set(await outcomes())).toEqual(new Set(['valid']));
    // Whichever replica compared it, the other found its verdict.
    expect(await comparisons()).toEqual([tokens.length, 0]);
    expect(await redis.keys('verdict:*')).toHaveLength(tokens.length);
  });
});
