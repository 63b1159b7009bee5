import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { IssuedKey } from '#libs/keys-contract';
import { Stack, TEST_SECRETS, acknowledged, call, noteIssued, startProgram, until } from '#libs/testing';

let stack: Stack;
beforeAll(async () => {
  stack = await Stack.start({ gateways: 2, keys: 2 });
});
afterAll(() => stack.stop());

/** The time `ms` milliseconds from now, as RFC 3339. */
const after = (ms: number): string => new Date(Date.now() + ms).toISOString();
const DAY_MS = 86_400_000;
/** Soon, but still in the future when a busy machine gets to it. */
const SOON_MS = 4000;

/** Each gateway's status for a key. */
async function statuses(token: string): Promise<number[]> {
  return Promise.all(stack.gateways.map(async ({ url }) => (await call(`${url}/v1/me`, token)).status));
}

/** A key that expires. */
async function issueUntil(expiresAt: string): Promise<IssuedKey> {
  await stack.manage.putOwner('ada', { email: 'ada@example.com' });
  const issued = await stack.manage.issue('ada', { name: 'short', capabilities: ['kb:read'], expiresAt });
  noteIssued(issued.token);
  return issued;
}

/** How long before the end of a key it is called without a pause, in milliseconds. */
const CLOSE_MS = 500;

/**
 * Calls every gateway until all refuse the key: whatever ended before the moment was accepted, whatever began after it
 * was refused. All clocks are this machine's, so it is exact.
 */
async function endsExactlyAt(token: string, expiresAt: string): Promise<void> {
  const moment = Date.parse(expiresAt);
  const watch = async (url: string): Promise<void> => {
    for (;;) {
      if (Date.now() < moment - CLOSE_MS) await sleep(20);
      const beganAt = Date.now();
      const { status } = await call(`${url}/v1/me`, token);
      if (Date.now() < moment) expect(status).toBe(200);
      if (beganAt < moment) continue;
      expect(status).toBe(401);
      return;
    }
  };
  await Promise.all(stack.gateways.map(({ url }) => watch(url)));
}

async function events(keyId: string): Promise<{ actor: string; details: unknown }[]> {
  const { rows } = await stack.database.query(
    `SELECT actor, details FROM audit_events WHERE key_id = $1 AND action = 'key.expiry_set' ORDER BY id`,
    [keyId],
  );
  return rows;
}

/** Makes the calls while a transaction locks all rows, one after the other, and ends it once all of them wait. */
async function atOnce<Answer>(calls: readonly (() => Promise<Answer>)[]): Promise<Answer[]> {
  const holder = new pg.Client({ connectionString: stack.database.url });
  await holder.connect();
  await holder.query('BEGIN; SELECT FROM api_keys FOR UPDATE');
  const answers: Promise<Answer>[] = [];
  for (const make of calls) {
    answers.push(make());
    await until(async () => (await waiting()) >= answers.length);
  }
  await holder.query('ROLLBACK');
  await holder.end();
  return Promise.all(answers);
}

async function waiting(): Promise<number> {
  const { rows } = await stack.database.query(
    `SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return rows[0].count;
}

describe('a key that is to expire', () => {
  it('works until then and not after, even at gateways that have cached it for longer', async () => {
    const { token, key } = await stack.issue();
    expect(await statuses(token)).toEqual([200, 200]);
    const expiresAt = after(SOON_MS);
    const expiry = await acknowledged(() => stack.manage.expire(key.id, { expiresAt, actor: 'ada' }));
    expect(expiry).toMatchObject({ effective: true, gateways: 2, how: 'acknowledged', key: { expiresAt } });
    await endsExactlyAt(token, expiresAt);
    expect((await stack.manage.get(key.id)).state).toBe('expired');
    expect(await events(key.id)).toEqual([{ actor: 'ada', details: { expiresAt, before: null } }]);
  });

  it('can be set to expire even earlier, and expires then', async () => {
    const { token, key } = await issueUntil(after(2 * DAY_MS));
    const [later, sooner] = [after(DAY_MS), after(SOON_MS)];
    await stack.manage.expire(key.id, { expiresAt: later });
    expect(await statuses(token)).toEqual([200, 200]);
    await stack.manage.expire(key.id, { expiresAt: sooner });
    await endsExactlyAt(token, sooner);
    expect((await events(key.id)).map(({ details }) => details)).toEqual([
      { expiresAt: later, before: key.expiresAt },
      { expiresAt: sooner, before: later },
    ]);
  });

  it('can still be revoked', async () => {
    const { token, key } = await stack.issue();
    await stack.manage.expire(key.id, { expiresAt: after(DAY_MS) });
    await stack.manage.revoke(key.id);
    expect(await statuses(token)).toEqual([401, 401]);
  });
});

describe('setting an expiry', () => {
  it('to the same time again succeeds, and changes nothing', async () => {
    const { key } = await stack.issue();
    const expiresAt = after(DAY_MS);
    await stack.manage.expire(key.id, { expiresAt });
    const again = await acknowledged(() => stack.manage.expire(key.id, { expiresAt }));
    expect(again).toMatchObject({ effective: true, gateways: 2 });
    expect(await events(key.id)).toHaveLength(1);
  });

  it('to the same time twice at once happens once, and is in effect when both have returned', async () => {
    const { token, key } = await stack.issue();
    expect(await statuses(token)).toEqual([200, 200]);
    const expiresAt = after(SOON_MS);
    const expire = () => stack.manage.expire(key.id, { expiresAt });
    expect(await atOnce([expire, expire, expire])).toMatchObject(
      Array.from({ length: 3 }, () => ({ effective: true })),
    );
    expect(await events(key.id)).toHaveLength(1);
    await endsExactlyAt(token, expiresAt);
  });

  it('to two times at once leaves the earlier one, whichever came first', async () => {
    const [earlier, later] = [after(DAY_MS), after(2 * DAY_MS)];
    for (const order of [
      [earlier, later],
      [later, earlier],
    ]) {
      const { key } = await stack.issue();
      const answers = await atOnce(
        order.map(
          (expiresAt) => () => stack.manage.expire(key.id, { expiresAt }).catch((err: unknown) => err),
        ),
      );
      for (const refused of answers.filter((answer) => answer instanceof Error))
        expect(refused).toMatchObject({ status: 409, code: 'expiry_too_late' });
      expect((await stack.manage.get(key.id)).expiresAt).toBe(earlier);
    }
  });

  it('is refused in the past, with advice to revoke', async () => {
    const { key } = await stack.issue();
    await expect(stack.manage.expire(key.id, { expiresAt: '2001-01-01T00:00:00Z' })).rejects.toMatchObject({
      status: 400,
      code: 'invalid_request',
      message: 'Expiry must be in the future. To end the key now, revoke it.',
    });
    expect((await stack.manage.get(key.id)).expiresAt).toBeNull();
  });

  it('is refused if it is later than the current expiry, which is stated', async () => {
    const expiresAt = after(DAY_MS);
    const { key } = await issueUntil(expiresAt);
    await expect(stack.manage.expire(key.id, { expiresAt: after(2 * DAY_MS) })).rejects.toMatchObject({
      status: 409,
      code: 'expiry_too_late',
      message: expect.stringContaining(`expires at ${expiresAt}, and`),
    });
    expect((await stack.manage.get(key.id)).expiresAt).toBe(expiresAt);
  });

  it('is refused for a key that is revoked or has expired', async () => {
    const { key: revoked } = await stack.issue();
    await stack.manage.revoke(revoked.id);
    await expect(stack.manage.expire(revoked.id, { expiresAt: after(DAY_MS) })).rejects.toMatchObject({
      status: 409,
      code: 'key_ended',
      message: expect.stringContaining('is revoked'),
    });
    const { key: expired } = await stack.issue();
    await stack.database.query(
      `UPDATE api_keys SET expires_at = '2001-01-01T00:00:00Z'
        WHERE id = (SELECT id FROM api_keys WHERE owner_id = 'ada' ORDER BY id DESC LIMIT 1)`,
    );
    await expect(stack.manage.expire(expired.id, { expiresAt: after(DAY_MS) })).rejects.toMatchObject({
      status: 409,
      code: 'key_ended',
      message: expect.stringContaining('has already expired'),
    });
  });

  it.each([
    ['an unknown key', () => Promise.resolve('0352dezfK9Gia0iM56jbgM'), {}],
    ['a key of somebody else', async () => (await stack.issue('ada')).key.id, { ownerId: 'grace' }],
  ])('of %s gets a 404 that reveals nothing', async (_, keyId, request) => {
    const id = await keyId();
    await expect(stack.manage.expire(id, { expiresAt: after(DAY_MS), ...request })).rejects.toMatchObject({
      status: 404,
      code: 'not_found',
      message: 'No key with that ID.',
    });
  });

  it.each([
    ['without a time', {}, 'Expiry must be a time such as'],
    ['with null for a time', { expiresAt: null }, 'Expiry must be a time such as'],
    ['with a date', { expiresAt: '2099-01-01' }, 'Expiry must be a time such as'],
    ['with an owner that is null', { expiresAt: '2099-01-01T00:00:00Z', ownerId: null }, 'Owner ID must be'],
  ])('gets a 400 %s', async (_, body, detail) => {
    const { key } = await stack.issue();
    const answer = await call(`${stack.keysUrl}/keys/${key.id}/expire`, TEST_SECRETS.KEYS_MANAGE_TOKEN, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(answer).toMatchObject({ status: 400, body: { detail: expect.stringContaining(detail) } });
    expect((await stack.manage.get(key.id)).expiresAt).toBeNull();
  });

  it('returns once caches have expired while keys has no Redis, and is in effect at every gateway', async () => {
    const { token, key } = await stack.issue();
    stack.network.keysToRedis.cut();
    expect(await statuses(token)).toEqual([200, 200]); // cached, and the gateways keep their leases without learning of it
    const expiresAt = after(13_000);
    const { how, waitedMs } = await stack.manage.expire(key.id, { expiresAt });
    expect(how).toBe('cache-ttl');
    expect(waitedMs).toBeGreaterThan(10_000);
    await endsExactlyAt(token, expiresAt);
    stack.network.keysToRedis.mend();
  });
});

describe('keys expire', () => {
  async function keys(...args: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
    const env = { KEYS_URL: stack.keysUrl, KEYS_MANAGE_TOKEN: TEST_SECRETS.KEYS_MANAGE_TOKEN };
    const program = startProgram('bin/cli.js', env, ['expire', ...args]);
    return { code: await program.exited, stdout: program.stdout, stderr: program.stderr };
  }

  it('takes a time or a duration, and prints the time', async () => {
    const { key } = await stack.issue();
    const at = '2099-01-31T12:00:00Z';
    expect((await keys(key.id, '--at', at)).stdout).toMatch(
      /^"Production CI" \(\w{22}\) expires at 2099-01-31T12:00:00\.000Z; (\d gateways? confirmed in [\d.]+ m?s|in effect everywhere after [\d.]+ m?s, \d gateways? confirmed)\.\n$/,
    );
    const before = Date.now();
    const { key: shown } = JSON.parse((await keys(key.id, '--in', '7d', '--json')).stdout);
    const until = Date.parse(shown.expiresAt) - 7 * DAY_MS;
    expect(until).toBeGreaterThanOrEqual(before);
    expect(until).toBeLessThanOrEqual(Date.now());
    expect(await events(key.id)).toMatchObject(
      Array.from({ length: 2 }, () => ({ actor: expect.stringMatching(/^cli/) })),
    );
  });

  it.each<[string, number, string, string[]]>([
    ['no time given', 2, 'either --in 24h or --at', []],
    ['two times', 2, 'either --in 24h or --at', ['--in', '1h', '--at', '2099-01-31T12:00:00Z']],
    ['an invalid duration', 2, '“1w” is not a valid duration', ['--in', '1w']],
    ['a duration of zero', 2, '“0d” is not a valid duration', ['--in', '0d']],
    ['an invalid time', 2, 'Expiry must be a time such as', ['--at', 'tomorrow']],
    ['the past', 2, 'To end the key now, revoke it.', ['--at', '2001-01-01T00:00:00Z']],
  ])('refuses %s', async (_, code, sentence, args) => {
    const { key } = await stack.issue();
    expect(await keys(key.id, ...args)).toMatchObject({ code, stderr: expect.stringContaining(sentence) });
  });
});
