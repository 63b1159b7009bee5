import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import bcrypt from 'bcrypt';
import { Redis } from 'ioredis';
import { type GenuineKey, KeyFormat, newKeyId } from '#libs/key-format';
import { type TestRedis, startRedis } from '#libs/testing';
import { RedisVerdicts } from './redis-verdicts.js';
import { SecretHasher } from './secret-hasher.js';
import { SecretVerifier } from './secret-verifier.js';
import { VerdictSigner } from './verdict-signer.js';

const HOUR_MS = 60 * 60 * 1000;
const format = new KeyFormat({ prefix: 'sk_live', tagSecrets: ['the tag secret of this test'] });

let server: TestRedis;
let redis: Redis;
let store: RedisVerdicts;
let now = 0;
const clock = { now: () => now, wait: () => Promise.resolve() };

beforeAll(async () => {
  Logger.overrideLogger(false);
  server = await startRedis();
  redis = new Redis(server.url);
  store = await RedisVerdicts.connect({ url: server.url, clock, onTrouble: () => undefined });
});
afterAll(async () => {
  store.close();
  redis.disconnect();
  await server.stop();
});

let key: GenuineKey;
let hash: string;
beforeEach(async () => {
  await redis.flushall();
  const read = format.read(format.print(newKeyId()).text);
  if (read.outcome !== 'genuine') throw new Error('not a key of this test');
  key = read;
  hash = await bcrypt.hash(key.secret, 4);
});

/** A replica of keys, as far as secrets go. */
function replica(...secrets: [string, ...string[]]): { hasher: SecretHasher; verifier: SecretVerifier } {
  const hasher = new SecretHasher({ cost: 4, concurrency: 1, queue: 0 });
  return {
    hasher,
    verifier: new SecretVerifier({ hasher, signer: new VerdictSigner(secrets), store, clock }),
  };
}
const kept = (): Promise<string | null> => redis.get(`verdict:${key.id}`);

/** A lookup uses the same connection as stores, so it comes after them. */
const settled = (): Promise<unknown> => store.find(key.id);

describe('a verdict', () => {
  it('spares the other replicas the comparison', async () => {
    const [first, second] = [replica('old'), replica('old')];
    expect(await first.verifier.verify(key, hash, 'ada')).toBe('right');
    await settled();
    expect(await second.verifier.verify(key, hash, 'ada')).toBe('right');
    expect([first.hasher.comparisons, second.hasher.comparisons]).toEqual([1, 0]);
  });

  it('is neither the plaintext nor anything that can be derived from the key without the verdict secret', async () => {
    await replica('old').verifier.verify(key, hash, 'ada');
    await settled();
    expect(await kept()).toMatch(/^[\w-]{43}$/);
    expect(await kept()).not.toBe(new VerdictSigner(['another']).sign(key, hash));
  });

  it('is void once the stored hash changes, in Redis and in the process', async () => {
    const { hasher, verifier } = replica('old');
    await verifier.verify(key, hash, 'ada');
    const changed = await bcrypt.hash('another secret', 4);
    expect(await verifier.verify(key, changed, 'ada')).toBe('wrong');
    expect(await replica('old').verifier.verify(key, changed, 'ada')).toBe('wrong');
    expect(hasher.comparisons).toBe(2);
  });

  it('is accepted under an older secret, and then stored under the first', async () => {
    await replica('old').verifier.verify(key, hash, 'ada');
    await settled();
    const during = replica('new', 'old');
    expect(await during.verifier.verify(key, hash, 'ada')).toBe('right');
    expect(during.hasher.comparisons).toBe(0);
    await settled();
    const after = replica('new');
    expect(await after.verifier.verify(key, hash, 'ada')).toBe('right');
    expect(after.hasher.comparisons).toBe(0);
  });

  it('is ignored under an unknown secret: one comparison makes a new one', async () => {
    await replica('old').verifier.verify(key, hash, 'ada');
    await settled();
    const other = replica('new');
    for (let i = 0; i < 3; i++) expect(await other.verifier.verify(key, hash, 'ada')).toBe('right');
    expect(other.hasher.comparisons).toBe(1);
  });

  it('is stored again after 12 hours of use, so that it does not expire', async () => {
    const { hasher, verifier } = replica('old');
    await verifier.verify(key, hash, 'ada');
    await settled();
    await redis.del(`verdict:${key.id}`); // as if expired
    now += 12 * HOUR_MS - 1;
    await verifier.verify(key, hash, 'ada');
    await settled();
    expect(await kept()).toBeNull();
    now += 1;
    await verifier.verify(key, hash, 'ada');
    await settled();
    expect(await kept()).not.toBeNull();
    expect(hasher.comparisons).toBe(1);
  });
});

describe('a comparison', () => {
  it('is shared by all callers with the same secret, right or wrong', async () => {
    const { hasher, verifier } = replica('old');
    const wrong = { ...key, secret: 'x'.repeat(32) };
    expect(await Promise.all([1, 2, 3].map(() => verifier.verify(wrong, hash, 'ada')))).toEqual([
      'wrong',
      'wrong',
      'wrong',
    ]);
    expect(await Promise.all([1, 2, 3].map(() => verifier.verify(key, hash, 'ada')))).toEqual([
      'right',
      'right',
      'right',
    ]);
    expect(hasher.comparisons).toBe(2);
  });

  it('is refused when too many wait, and the refusal is not remembered', async () => {
    const { verifier } = replica('old');
    const other = { ...key, secret: 'x'.repeat(32) };
    const answers = await Promise.all([
      verifier.verify(key, hash, 'ada'),
      verifier.verify(other, hash, 'ada'),
    ]);
    expect(answers).toEqual(['right', 'queue_full']);
    expect(await verifier.verify(other, hash, 'ada')).toBe('wrong');
  });
});
