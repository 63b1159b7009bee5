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

/** A question that the test answers when it likes. */
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
/** That the key is valid. Without `expiresInMs`, it is a keys service that answers from before there was that field. */
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

/** Asks, and answers the one question that this takes. */
async function authenticate(verification: Verification = valid()): Promise<Authentication> {
  const authentication = authenticator.authenticate(token);
  await asked.at(-1)?.answer(verification);
  return authentication;
}

describe('a key', () => {
  it('is asked about once, and then served from the cache for 10 seconds from when that was sent', async () => {
    const first = authenticator.authenticate(token);
    now = 4000; // the answer takes its time, which is not added
    await asked[0]?.answer(valid());
    expect((await first).outcome).toBe('authenticated');
    now = CACHE_TTL_MS - 1;
    expect((await authenticator.authenticate(token)).outcome).toBe('authenticated');
    expect(asked).toHaveLength(1);
    now = CACHE_TTL_MS;
    void authenticator.authenticate(token);
    expect(asked).toHaveLength(2);
  });

  it('is asked about every time while there is no lease', async () => {
    lease.holdsLease = false;
    await authenticate();
    await authenticate();
    expect(asked).toHaveLength(2);
  });

  it('is never asked about when somebody made it up', () => {
    const forged = new KeyFormat({ prefix: 'sk_live', tagSecrets: ['a guess'] }).print(id).text;
    expect(authenticator.authenticate(forged)).toEqual({ outcome: 'refused', reason: 'forged' });
    expect(authenticator.authenticate('hello')).toEqual({ outcome: 'refused', reason: 'malformed' });
    expect(asked).toHaveLength(0);
  });

  it('is not taken for another text with the same id', async () => {
    await authenticate();
    void authenticator.authenticate(format.print(id).text);
    expect(asked).toHaveLength(2);
  });

  it('is known without waiting once it is cached, and not before', async () => {
    expect(authenticator.authenticate(token)).toHaveProperty('then');
    await asked[0]?.answer(valid());
    expect(authenticator.authenticate(token)).toMatchObject({ outcome: 'authenticated' });
    lease.holdsLease = false;
    expect(authenticator.authenticate(token)).toHaveProperty('then');
  });

  it('is not taken for a text that differs from it where its tag or checksum is', async () => {
    await authenticate();
    for (const at of [token.length - 1, token.length - 7]) {
      const changed = token.slice(0, at) + (token[at] === 'x' ? 'y' : 'x') + token.slice(at + 1);
      expect(await authenticator.authenticate(changed)).toMatchObject({ outcome: 'refused' });
    }
  });

  it('is asked about again before it can have expired, counted from when the question was sent', async () => {
    const first = authenticator.authenticate(token);
    now = 400; // the answer takes its time, which is not added
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
  ])('ends when keys says, though by every wall clock its end is %s', async (_, expiresAtMs) => {
    await authenticate(valid({ expiresAtMs, expiresInMs: 5000 * MARGIN }));
    now = 4999;
    expect((await authenticator.authenticate(token)).outcome).toBe('authenticated');
    expect(asked).toHaveLength(1);
    now = 5000;
    expect(await authenticate(refused('expired'))).toMatchObject({ reason: 'expired' });
  });

  it.each([
    ['that expires is asked about every time', 1_764_000_000_000, 2],
    ['that never expires is asked about once', null, 1],
  ])('%s, at a keys service that does not say how long it has left', async (_, expiresAtMs, questions) => {
    for (let i = 0; i < 2; i++) {
      expect((await authenticate(valid({ expiresAtMs }))).outcome).toBe('authenticated');
    }
    expect(asked).toHaveLength(questions);
  });

  it('counts as used each time it is let in, and never when it is refused', async () => {
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

  it('that is dead is remembered as well', async () => {
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
  ])('that nobody could tell about, or not for long, is not remembered: %j', async (verification) => {
    await authenticate(verification);
    expect((await authenticate()).outcome).toBe('authenticated');
    expect(asked).toHaveLength(2);
  });
});

describe('a drop', () => {
  it.each([
    { kind: 'key', id } as const,
    { kind: 'owner', id: 'ada' } as const,
    { kind: 'everything' } as const,
  ])('takes a cached key away: %j', async (target) => {
    await authenticate();
    cache.invalidate(target);
    void authenticator.authenticate(token);
    expect(asked).toHaveLength(2);
  });

  it('of another key or owner leaves it', async () => {
    await authenticate();
    cache.invalidate({ kind: 'key', id: newKeyId() });
    cache.invalidate({ kind: 'owner', id: 'grace' });
    expect((await authenticator.authenticate(token)).outcome).toBe('authenticated');
    expect(asked).toHaveLength(1);
  });

  it('of an owner takes refusals away too: the owner may be back', async () => {
    await authenticate(refused('owner_suspended'));
    cache.invalidate({ kind: 'owner', id: 'ada' });
    expect((await authenticate()).outcome).toBe('authenticated');
  });

  it.each([
    { kind: 'key', id } as const,
    { kind: 'owner', id: 'ada' } as const,
    { kind: 'everything' } as const,
  ])('while the question is on its way leaves nothing behind: %j', async (target) => {
    const first = authenticator.authenticate(token);
    cache.invalidate(target);
    await asked[0]?.answer(valid());
    // The one who asked may use the answer: its request began before the revocation returned.
    expect((await first).outcome).toBe('authenticated');
    void authenticator.authenticate(token);
    expect(asked).toHaveLength(2);
  });
});

describe('a question in flight', () => {
  it('is shared by all who ask the same meanwhile', async () => {
    const all = [1, 2, 3].map(async () => authenticator.authenticate(token));
    expect(asked).toHaveLength(1);
    await asked[0]?.answer(valid());
    for (const one of await Promise.all(all)) expect(one.outcome).toBe('authenticated');
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['it was fenced', () => cache.invalidate({ kind: 'key', id })],
    ['the lease is lost', () => void (lease.holdsLease = false)],
  ])('is not used by those who joined it when %s: they ask for themselves', async (_, happens) => {
    const first = authenticator.authenticate(token);
    const joined = authenticator.authenticate(token);
    happens();
    await asked[0]?.answer(valid());
    expect((await first).outcome).toBe('authenticated');
    expect(asked).toHaveLength(2);
    await asked[1]?.answer(refused('revoked'));
    expect(await joined).toMatchObject({ outcome: 'refused', reason: 'revoked' });
  });

  it('names the log that is followed as it is sent', () => {
    void authenticator.authenticate(token);
    expect(asked[0]?.log).toBe('the log that is followed');
  });

  it.each([
    ['keys says that it may not be kept', valid({ cacheable: false }), 0],
    ['it took as long as cached answers live', valid(), CACHE_TTL_MS],
  ])('is not used by those who joined it when %s', async (_, answer, tookMs) => {
    void authenticator.authenticate(token);
    const joined = authenticator.authenticate(token);
    now += tookMs;
    await asked[0]?.answer(answer);
    await asked[1]?.answer(refused('revoked'));
    expect(await joined).toMatchObject({ outcome: 'refused', reason: 'revoked' });
  });

  it('is followed by one for all who came meanwhile, when its answer may not be kept', async () => {
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

  it('is not used by those who joined it when the key was unknown: it may have been issued since', async () => {
    void authenticator.authenticate(token);
    const joined = authenticator.authenticate(token);
    await asked[0]?.answer(refused('unknown', false));
    await asked[1]?.answer(valid());
    expect((await joined).outcome).toBe('authenticated');
  });
});
