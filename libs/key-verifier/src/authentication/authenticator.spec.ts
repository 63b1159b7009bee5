import { beforeEach, describe, expect, it } from '@jest/globals';
import { type GenuineKey, KeyFormat, type KeyId, newKeyId } from '#libs/key-format';
import type { Verification } from '#libs/keys-client';
import type { Principal, Refusal } from '#libs/keys-contract';
import type { Authentication } from './authentication.js';
import { Authenticator } from './authenticator.js';
import { PrincipalCache } from './principal-cache.js';

const CACHE_TTL_MS = 10_000;
const MARGIN = 1.1;
const format = new KeyFormat({ prefix: 'sk_live', tagSecrets: ['the tag secret of this test'] });

/** A question that the test answers. */
interface Asked {
  readonly key: GenuineKey;
  readonly log: string | null;
  answer(verification: Verification): Promise<void>;
}

let now: number;
let lease: { holdsLease: boolean; identity: string | null };
let asked: Asked[];
let used: string[];
let cache: PrincipalCache;
let authenticator: Authenticator;

beforeEach(() => {
  now = 0;
  lease = { holdsLease: true, identity: 'the log that is followed' };
  asked = [];
  used = [];
  const clock = { now: () => now, wait: () => Promise.resolve() };
  cache = new PrincipalCache({ clock, cacheTtlMs: CACHE_TTL_MS, margin: MARGIN, size: 100 });
  const verify = (key: GenuineKey, log: string | null): Promise<Verification> =>
    new Promise((resolve) =>
      asked.push({
        key,
        log,
        answer: async (verification) => {
          resolve(verification);
          await new Promise((done) => setImmediate(done));
        },
      }),
    );
  authenticator = new Authenticator({
    format,
    cache,
    verifier: { verify },
    lease,
    used: { note: (keyId) => used.push(keyId) },
  });
});

const id = newKeyId();
const token = format.print(id).text;

function principal(keyId: KeyId = id, expiresAtMs: number | null = null): Principal {
  const owner = { id: 'ada', email: 'ada@example.com', emailVerified: false, role: 'user', tier: 'free' };
  return { keyId, capabilities: ['desktop:read'], expiresAtMs, rateLimitPerMinute: null, owner };
}
/** The key is valid. Without `expiresInMs`, it is the answer of a keys service from before that field. */
function valid({
  expiresAtMs = null,
  cacheable = true,
  ...left
}: { expiresAtMs?: number | null; cacheable?: boolean; expiresInMs?: number | null } = {}): Verification {
  return { outcome: 'valid', principal: principal(id, expiresAtMs), cacheable, ...left };
}
const refused = (reason: Refusal, cacheable = true): Verification => ({
  outcome: 'refused',
  reason,
  cacheable,
});

/** Authenticates, and answers the one question to keys. */
async function authenticate(verification: Verification = valid()): Promise<Authentication> {
  const authentication = authenticator.authenticate(token);
  await asked.at(-1)?.answer(verification);
  return authentication;
}

describe('a key', () => {
  it('is verified at keys once, and then served from the cache for 10 seconds from when that was sent', async () => {
    const first = authenticator.authenticate(token);
    now = 4000; // how long the answer takes does not extend that
    await asked[0]?.answer(valid());
    expect((await first).outcome).toBe('authenticated');
    now = CACHE_TTL_MS - 1;
    expect((await authenticator.authenticate(token)).outcome).toBe('authenticated');
    expect(asked).toHaveLength(1);
    now = CACHE_TTL_MS;
    void authenticator.authenticate(token);
    expect(asked).toHaveLength(2);
  });

  it('is verified at keys every time while there is no lease', async () => {
    lease.holdsLease = false;
    await authenticate();
    await authenticate();
    expect(asked).toHaveLength(2);
  });

  it('is never sent to keys if it is forged', () => {
    const forged = new KeyFormat({ prefix: 'sk_live', tagSecrets: ['a guess'] }).print(id).text;
    expect(authenticator.authenticate(forged)).toEqual({ outcome: 'refused', reason: 'forged' });
    expect(authenticator.authenticate('hello')).toEqual({ outcome: 'refused', reason: 'malformed' });
    expect(asked).toHaveLength(0);
  });

  it('is not mistaken for another text with the same ID', async () => {
    await authenticate();
    void authenticator.authenticate(format.print(id).text);
    expect(asked).toHaveLength(2);
  });

  it('is authenticated synchronously once it is cached, and not before', async () => {
    expect(authenticator.authenticate(token)).toHaveProperty('then');
    await asked[0]?.answer(valid());
    expect(authenticator.authenticate(token)).toMatchObject({ outcome: 'authenticated' });
    lease.holdsLease = false;
    expect(authenticator.authenticate(token)).toHaveProperty('then');
  });

  it('is not mistaken for a text that differs only in tag or checksum', async () => {
    await authenticate();
    for (const at of [token.length - 1, token.length - 7]) {
      const changed = token.slice(0, at) + (token[at] === 'x' ? 'y' : 'x') + token.slice(at + 1);
      expect(await authenticator.authenticate(changed)).toMatchObject({ outcome: 'refused' });
    }
  });

  it('is verified again before it can have expired, counted from when the question was sent', async () => {
    const first = authenticator.authenticate(token);
    now = 400; // how long the answer takes does not extend that
    await asked[0]?.answer(valid({ expiresAtMs: 1_764_000_000_000, expiresInMs: 1000 * MARGIN }));
    expect((await first).outcome).toBe('authenticated');
    now = 999;
    expect((await authenticator.authenticate(token)).outcome).toBe('authenticated');
    expect(asked).toHaveLength(1);
    now = 1000;
    expect(await authenticate(refused('expired'))).toMatchObject({ outcome: 'refused', reason: 'expired' });
    expect(asked).toHaveLength(2);
  });

  it.each([
    ['long past', 0],
    ['far ahead', 253_402_300_799_000],
  ])('expires when keys says so, although its expiry is %s by the wall clock', async (_, expiresAtMs) => {
    await authenticate(valid({ expiresAtMs, expiresInMs: 5000 * MARGIN }));
    now = 4999;
    expect((await authenticator.authenticate(token)).outcome).toBe('authenticated');
    expect(asked).toHaveLength(1);
    now = 5000;
    expect(await authenticate(refused('expired'))).toMatchObject({ reason: 'expired' });
  });

  it.each([
    ['that expires is verified every time', 1_764_000_000_000, 2],
    ['that never expires is verified once', null, 1],
  ])('%s, if keys does not say how long it has left', async (_, expiresAtMs, questions) => {
    for (let i = 0; i < 2; i++) {
      expect((await authenticate(valid({ expiresAtMs }))).outcome).toBe('authenticated');
    }
    expect(asked).toHaveLength(questions);
  });

  it('counts as used each time it is accepted, and never when it is refused', async () => {
    await authenticate(valid());
    await authenticator.authenticate(token);
    expect(used).toEqual([id, id]);
    cache.invalidate({ kind: 'everything' });
    await authenticate(refused('expired'));
    await authenticator.authenticate(token);
    cache.invalidate({ kind: 'everything' });
    await authenticate(refused('revoked'));
    cache.invalidate({ kind: 'everything' });
    await authenticate({ outcome: 'busy', retryAfterSeconds: 1 });
    expect(used).toHaveLength(2);
  });

  it('that is inactive is cached as well', async () => {
    expect(await authenticate(refused('revoked'))).toMatchObject({
      reason: 'revoked',
      keyId: id,
    });
    expect(await authenticator.authenticate(token)).toMatchObject({ reason: 'revoked' });
    expect(asked).toHaveLength(1);
  });

  it.each<Verification>([
    refused('unknown', false),
    valid({ cacheable: false }),
    { outcome: 'busy', retryAfterSeconds: 1 },
    { outcome: 'unavailable', cause: new Error() },
  ])('is not cached if it could not be verified, or only for that moment: %j', async (verification) => {
    await authenticate(verification);
    expect((await authenticate()).outcome).toBe('authenticated');
    expect(asked).toHaveLength(2);
  });
});

describe('an invalidation', () => {
  it.each([
    { kind: 'key', id } as const,
    { kind: 'owner', id: 'ada' } as const,
    { kind: 'everything' } as const,
  ])('removes a cached key: %j', async (target) => {
    await authenticate();
    cache.invalidate(target);
    void authenticator.authenticate(token);
    expect(asked).toHaveLength(2);
  });

  it('of another key or owner does not', async () => {
    await authenticate();
    cache.invalidate({ kind: 'key', id: newKeyId() });
    cache.invalidate({ kind: 'owner', id: 'grace' });
    expect((await authenticator.authenticate(token)).outcome).toBe('authenticated');
    expect(asked).toHaveLength(1);
  });

  it('of an owner removes refusals, too: the owner may have been resumed', async () => {
    await authenticate(refused('owner_suspended'));
    cache.invalidate({ kind: 'owner', id: 'ada' });
    expect((await authenticate()).outcome).toBe('authenticated');
  });

  it.each([
    { kind: 'key', id } as const,
    { kind: 'owner', id: 'ada' } as const,
    { kind: 'everything' } as const,
  ])('while a question is in flight keeps its answer out of the cache: %j', async (target) => {
    const first = authenticator.authenticate(token);
    cache.invalidate(target);
    await asked[0]?.answer(valid());
    // The request that asked may use the answer, since it began before the revocation returned.
    expect((await first).outcome).toBe('authenticated');
    void authenticator.authenticate(token);
    expect(asked).toHaveLength(2);
  });
});

describe('a question in flight', () => {
  it('is shared by all requests with the same key meanwhile', async () => {
    const all = [1, 2, 3].map(async () => authenticator.authenticate(token));
    expect(asked).toHaveLength(1);
    await asked[0]?.answer(valid());
    for (const one of await Promise.all(all)) expect(one.outcome).toBe('authenticated');
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['it was fenced', () => cache.invalidate({ kind: 'key', id })],
    ['the lease is lost', () => void (lease.holdsLease = false)],
  ])('is not used by requests that joined it if %s: they ask again', async (_, happens) => {
    const first = authenticator.authenticate(token);
    const joined = authenticator.authenticate(token);
    happens();
    await asked[0]?.answer(valid());
    expect((await first).outcome).toBe('authenticated');
    expect(asked).toHaveLength(2);
    await asked[1]?.answer(refused('revoked'));
    expect(await joined).toMatchObject({ outcome: 'refused', reason: 'revoked' });
  });

  it('names the followed log at the time it is sent', () => {
    void authenticator.authenticate(token);
    expect(asked[0]?.log).toBe('the log that is followed');
  });

  it.each([
    ['keys says that it must not be cached', valid({ cacheable: false }), 0],
    ['it took as long as cached answers live', valid(), CACHE_TTL_MS],
  ])('is not used by requests that joined it if %s', async (_, answer, tookMs) => {
    void authenticator.authenticate(token);
    const joined = authenticator.authenticate(token);
    now += tookMs;
    await asked[0]?.answer(answer);
    await asked[1]?.answer(refused('revoked'));
    expect(await joined).toMatchObject({ outcome: 'refused', reason: 'revoked' });
  });

  it('is followed by one for all requests that joined, if its answer must not be cached', async () => {
    lease.holdsLease = false;
    const first = authenticator.authenticate(token);
    const meanwhile = [1, 2, 3].map(async () => authenticator.authenticate(token));
    expect(asked).toHaveLength(1);
    await asked[0]?.answer(valid());
    expect((await first).outcome).toBe('authenticated');
    expect(asked).toHaveLength(2);
    const later = authenticator.authenticate(token);
    await asked[1]?.answer(valid());
    for (const one of await Promise.all(meanwhile)) expect(one.outcome).toBe('authenticated');
    expect(asked).toHaveLength(3);
    await asked[2]?.answer(refused('revoked'));
    expect(await later).toMatchObject({ outcome: 'refused', reason: 'revoked' });
    void authenticator.authenticate(token);
    expect(asked).toHaveLength(4);
  });

  it('is not used by requests that joined it if the key was unknown: it may have been issued since', async () => {
    void authenticator.authenticate(token);
    const joined = authenticator.authenticate(token);
    await asked[0]?.answer(refused('unknown', false));
    await asked[1]?.answer(valid());
    expect((await joined).outcome).toBe('authenticated');
  });
});
