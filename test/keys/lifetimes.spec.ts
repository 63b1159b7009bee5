import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Answer, Stack, TEST_SECRETS, call, noteIssued } from '#libs/testing';

const DAY_MS = 86_400_000;
/** Clocks of PostgreSQL and of this process differ little, but the machine may be busy. */
const NEARLY_MS = 120_000;

let stack: Stack;
beforeAll(async () => {
  stack = await Stack.start({ env: { KEY_DEFAULT_DAYS: '30', KEY_MAX_DAYS: '90' } });
  await stack.manage.putOwner('ada', { email: 'ada@example.com' });
});
afterAll(() => stack.stop());

const good = { name: 'Production CI', capabilities: ['desktop:read'] };

async function issue(more: object, idempotencyKey?: string): Promise<Answer> {
  const answer = await call(`${stack.keysUrl}/owners/ada/keys`, TEST_SECRETS.KEYS_MANAGE_TOKEN, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
    },
    body: JSON.stringify({ ...good, ...more }),
  });
  if (answer.status === 201) noteIssued(Object(answer.body).token);
  return answer;
}

/** After how many days the key of an answer expires, or the answer's code. */
function daysOf({ status, body }: Answer): number | string {
  if (status !== 201) return String(Object(body).code);
  const { key } = Object(body);
  return (Date.parse(key.expiresAt) - Date.parse(key.createdAt)) / DAY_MS;
}

async function restartKeys(env: Readonly<Record<string, string>>): Promise<void> {
  await stack.keys[0]?.service.process.stop();
  await stack.keys[0]?.service.restart(env);
}

const inDays = (days: number, ms = 0): string => new Date(Date.now() + days * DAY_MS + ms).toISOString();

describe('the expiry of a new key', () => {
  it('is after the default lifetime if the request says nothing, also for a replacement', async () => {
    const old = await issue({});
    expect(daysOf(old)).toBeCloseTo(30, 4);
    expect(daysOf(await issue({ replaces: Object(old.body).key.id }))).toBeCloseTo(30, 4);
  });

  it('may be as late as the longest lifetime, even if the clock that computed it is minutes ahead', async () => {
    expect(daysOf(await issue({ expiresAt: inDays(89) }))).toBeCloseTo(89, 2);
    expect(daysOf(await issue({ expiresAt: inDays(90, NEARLY_MS) }))).toBeCloseTo(90, 4);
  });

  it.each([
    ['a later one', inDays(91)],
    ['never', null],
  ])('is refused with a sentence about the field: %s', async (_, expiresAt) => {
    const detail = 'Keys may live for at most 90 days here. Choose an earlier expiry.';
    const { status, body } = await issue({ expiresAt });
    expect([status, body]).toMatchObject([
      400,
      { code: 'invalid_request', detail, errors: [{ pointer: '/expiresAt', detail }] },
    ]);
  });

  it('is told to those who create keys', async () => {
    const lifetimes = { defaultDays: 30, maxDays: 90, idleDays: null };
    expect(await stack.manage.catalogue()).toMatchObject({ lifetimes });
  });
});

describe('without a longest lifetime', () => {
  beforeAll(() => restartKeys({ KEY_MAX_DAYS: '' }));

  it('keys can be asked for that never expire, and that live long', async () => {
    expect(Object((await issue({ expiresAt: null })).body)).toMatchObject({ key: { expiresAt: null } });
    expect(daysOf(await issue({ expiresAt: inDays(10_000) }))).toBeCloseTo(10_000, 2);
    expect(daysOf(await issue({}))).toBeCloseTo(30, 4);
  });

  it('a request stays the same request: what is left out is neither null nor a date', async () => {
    const first = await issue({}, 'left-out');
    expect(await issue({}, 'left-out')).toMatchObject({
      status: 409,
      body: { key: Object(first.body).key },
    });
    for (const expiresAt of [null, Object(first.body).key.expiresAt])
      expect(await issue({ expiresAt }, 'left-out')).toMatchObject({ status: 422 });

    await issue({ expiresAt: null }, 'never');
    expect(await issue({ expiresAt: null }, 'never')).toMatchObject({ status: 409 });
    expect(await issue({}, 'never')).toMatchObject({ status: 422 });
  });

  it('a request to a version that had no default lifetime is still the same, and never was never', async () => {
    const digest = createHash('sha256').update('["Production CI",["desktop:read"],null,null]').digest();
    await stack.database.query(
      `INSERT INTO api_keys (id, owner_id, name, capabilities, secret_hash, last4, created_by, idempotency_key, request_digest)
       SELECT gen_random_uuid(), owner_id, name, capabilities, secret_hash, last4, created_by, 'of-old', $1
         FROM api_keys LIMIT 1`,
      [digest],
    );
    expect(await issue({}, 'of-old')).toMatchObject({ status: 409 });
    expect(await issue({ expiresAt: null }, 'of-old')).toMatchObject({ status: 409 });
    expect(await issue({ expiresAt: inDays(1) }, 'of-old')).toMatchObject({ status: 422 });
  });
});

describe('a new longest lifetime', () => {
  it('leaves the keys alone that exist, and is the default if there is no other', async () => {
    const { body } = await issue({ expiresAt: null });
    const { key, token } = Object(body);
    await restartKeys({ KEY_DEFAULT_DAYS: '', KEY_MAX_DAYS: '7' });
    expect(await stack.manage.get(key.id)).toEqual(key);
    expect((await call(`${stack.gatewayUrl}/v1/me`, token)).status).toBe(200);
    expect(daysOf(await issue({}))).toBeCloseTo(7, 4);
  });
});
