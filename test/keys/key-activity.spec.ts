import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newKeyId } from '#libs/key-format';
import { ReportRefused, VerifyClient } from '#libs/keys-client';
import {
  KEY_TEST_HEADER,
  KEY_TEST_ROUTE,
  type KeyActivity,
  MAX_ACTIVITY,
  type ReportedActivity,
} from '#libs/keys-contract';
import {
  Stack,
  TEST_SECRETS,
  call,
  startGatewayProcess,
  startKeysProcess,
  startProgram,
} from '#libs/testing';
import { recordPastUse } from '../support/past-use.js';

let stack: Stack;
let client: VerifyClient;
beforeAll(async () => {
  stack = await Stack.start({ gateways: 2, env: { LAST_USED_EVERY_SECONDS: '1' } });
  client = new VerifyClient({
    url: `tcp://127.0.0.1:${stack.keys[0]?.verifyPort}`,
    credential: TEST_SECRETS.KEYS_VERIFY_TOKEN,
  });
});
afterAll(async () => {
  client.close();
  await stack.stop();
});

type Entry = KeyActivity['activity'][number];

/** Waits until `isThere` is true of the activity of a key. */
async function shown(
  keyId: string,
  isThere: (activity: readonly Entry[]) => boolean,
): Promise<readonly Entry[]> {
  const deadline = Date.now() + 300_000;
  for (;;) {
    const { activity } = await stack.manage.activity(keyId);
    if (isThere(activity)) return activity;
    if (Date.now() > deadline) throw new Error(`it has not appeared: ${JSON.stringify(activity)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** How many entries of reports keys has ignored. */
async function ignored(report: 'uses' | 'activity'): Promise<number> {
  const lines = (await stack.keys[0]?.service.metrics('keys_report_entries_ignored_total')) ?? [];
  return Number(lines.find((line) => line.includes(`report="${report}"`))?.split(' ')[1]);
}

const total = (activity: readonly Entry[]): number => activity.reduce((sum, { count }) => sum + count, 0);

const entry = (keyId: string, more: Partial<ReportedActivity> = {}): ReportedActivity => ({
  keyId,
  route: 'GET /v1/me',
  status: 200,
  address: '192.0.2.1',
  count: 1,
  firstAgoMs: 0,
  lastAgoMs: 0,
  ...more,
});

describe('the activity of a key', () => {
  it('shows requests at all gateways soon, including those refused before and after its revocation', async () => {
    const { token, key } = await stack.issue();
    const before = Date.now() - 1000;
    for (const { url } of stack.gateways) {
      await call(`${url}/v1/me`, token);
      await call(`${url}/v1/schedules`, token);
      // The pattern, and nothing that the client has sent.
      await call(`${url}/v1/desktops/nobody-knows`, token);
    }
    await stack.manage.revoke(key.id);
    await call(`${stack.gatewayUrl}/v1/me`, token);
    const activity = await shown(key.id, (found) => total(found) === 7);
    const seen = activity.map(({ route, status, count }) => `${count} ${route} ${status}`).sort();
    expect(seen).toEqual([
      '1 GET /v1/me 401',
      '2 GET /v1/desktops/:id 503', // no service is configured
      '2 GET /v1/me 200',
      '2 GET /v1/schedules 403',
    ]);
    for (const { address, firstAt, lastAt } of activity) {
      expect(address).toBe('127.0.0.1');
      expect(Date.parse(firstAt)).toBeGreaterThan(before);
      expect(Date.parse(lastAt)).toBeGreaterThanOrEqual(Date.parse(firstAt));
    }
    expect(activity[0]).toMatchObject({ route: 'GET /v1/me', status: 401 });
  });

  it('has the client address that a proxy has written, or none if that is invalid', async () => {
    const { token, key } = await stack.issue();
    const gateway = await startGatewayProcess({
      ...stack.env,
      REDIS_URL: stack.redis.url,
      TRUSTED_PROXIES: '127.0.0.0/8',
    });
    const forwarded = [
      '203.0.113.9:51008',
      '[2001:db8::1]:443',
      '::ffff:203.0.113.10',
      'x, 127.0.0.9',
      'unknown',
    ];
    for (const value of forwarded)
      expect(
        (await call(`${gateway.url}/v1/me`, token, { headers: { 'x-forwarded-for': value } })).status,
      ).toBe(200);
    await gateway.process.stop();
    const { activity } = await stack.manage.activity(key.id);
    expect(activity.map(({ address, count }) => `${count} from ${address}`).sort()).toEqual([
      '1 from 2001:db8::1',
      '1 from 203.0.113.10',
      '1 from 203.0.113.9',
      '2 from null',
    ]);
  });

  it('shows requests that matched no route or method', async () => {
    const { token, key } = await stack.issue();
    const ask = (method: string, path: string) => call(`${stack.gatewayUrl}${path}`, token, { method });
    expect((await ask('GET', '/v1/admin')).status).toBe(404);
    expect((await ask('GET', '/.env')).status).toBe(404);
    expect((await ask('DELETE', '/v1/me')).status).toBe(405);
    await stack.manage.revoke(key.id);
    expect((await ask('GET', '/v1/admin')).status).toBe(404);
    const activity = await shown(key.id, (found) => total(found) === 4);
    expect(activity.map(({ route, status, count }) => `${count} ${route} ${status}`).sort()).toEqual([
      '1 DELETE /* 405',
      '3 GET /* 404',
    ]);
  });

  it('is reported before a gateway stops', async () => {
    const { token, key } = await stack.issue();
    const [, gateway] = stack.gateways;
    await call(`${gateway?.url}/v1/me`, token);
    await gateway?.process.stop();
    expect(total((await stack.manage.activity(key.id)).activity)).toBe(1);
    await gateway?.restart();
  });

  it('has no requests of forged keys with its ID', async () => {
    const { token, key } = await stack.issue();
    await call(`${stack.gatewayUrl}/v1/me`, `${token.slice(0, -1)}${token.endsWith('0') ? '1' : '0'}`);
    await call(`${stack.gatewayUrl}/v1/me`, token);
    const activity = await shown(key.id, (found) => total(found) > 0);
    expect(activity).toMatchObject([{ status: 200, count: 1 }]);
  });

  it('is added up per hour over all gateways', async () => {
    const { key } = await stack.issue();
    await client.reportActivity([entry(key.id, { count: 3 }), entry(newKeyId())]);
    await Promise.all([1, 2, 3].map(() => client.reportActivity([entry(key.id), entry(key.id)])));
    expect(total((await stack.manage.activity(key.id)).activity)).toBe(9);
    await client.reportActivity([entry(key.id, { firstAgoMs: 7_200_000, lastAgoMs: 7_200_000, count: 5 })]);
    const { activity } = await stack.manage.activity(key.id);
    expect(activity.map(({ count }) => count)).toEqual([9, 5]);
    expect((await stack.manage.activity(key.id, { limit: 1 })).activity).toHaveLength(1);
  });

  it('is only shown for its owner, if a dashboard names one', async () => {
    const { key } = await stack.issue('ada');
    await expect(stack.manage.activity(key.id, { ownerId: 'grace' })).rejects.toMatchObject({ status: 404 });
    await expect(stack.manage.activity(newKeyId())).rejects.toMatchObject({ status: 404 });
    await expect(stack.manage.activity(key.id, { limit: 501 })).rejects.toMatchObject({ status: 400 });
  });

  it('is shown by the command line', async () => {
    const { key } = await stack.issue();
    const run = async (): Promise<string> => {
      const env = { KEYS_URL: stack.keysUrl, KEYS_MANAGE_TOKEN: TEST_SECRETS.KEYS_MANAGE_TOKEN };
      const program = startProgram('bin/cli.js', env, ['activity', key.id]);
      await program.exited;
      return program.stdout + program.stderr;
    };
    expect(await run()).toBe('No recent requests were made with this key.\n');
    await client.reportActivity([entry(key.id, { count: 12 }), entry(key.id, { address: '', status: 429 })]);
    const text = await run();
    expect(text).toMatch(/^LAST +FIRST +COUNT +STATUS +ROUTE +FROM\n/);
    expect(text).toMatch(/ 12 +200 +GET \/v1\/me +192\.0\.2\.1$/m);
    expect(text).toMatch(/ 1 +429 +GET \/v1\/me +many$/m);
  });

  it('is kept for as many days as configured, and then dropped', async () => {
    const partitions = async (): Promise<string[]> => {
      const { rows } = await stack.database.query(
        `SELECT relid::text AS name FROM pg_partition_tree('key_activity') WHERE level = 1 ORDER BY 1`,
      );
      return rows.map(({ name }) => name);
    };
    const named = (days: number): string =>
      `key_activity_${new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '_')}`;
    await stack.database.query(
      `CREATE TABLE key_activity_2001_01_01 PARTITION OF key_activity
          FOR VALUES FROM ('2001-01-01T00:00:00Z') TO ('2001-01-02T00:00:00Z')`,
    );
    const replica = await startKeysProcess({ ...stack.env, DATABASE_URL: stack.database.url });
    await replica.service.process.stop();
    expect(await partitions()).toEqual([-1, 0, 1, 2].map(named));
  });
});

describe('a report of activity', () => {
  it('is recorded except for invalid entries, which are counted', async () => {
    const { key } = await stack.issue();
    const wrong: Partial<Record<keyof ReportedActivity, unknown>>[] = [
      { keyId: 'nobody' },
      { route: 'me' },
      { route: `GET /${'x'.repeat(400)}` },
      { route: 'GET /v1\n' },
      { status: 99 },
      { status: 1000 },
      { status: '200' },
      { address: 'example.com' },
      { address: '203.0.113.9:51008' },
      { count: 0 },
      { count: 1.5 },
      { count: Number.MAX_SAFE_INTEGER },
      { lastAgoMs: -1 },
      { firstAgoMs: 1, lastAgoMs: 2 },
      { firstAgoMs: 1e300 },
    ];
    const before = await ignored('activity');
    await client.reportActivity([
      ...wrong.map((change) => Object.assign(entry(key.id), change)),
      entry(key.id),
      entry(key.id, { status: 799 }),
    ]);
    const { activity } = await stack.manage.activity(key.id);
    expect(activity.map(({ status, count }) => [status, count])).toEqual([
      [200, 1],
      [799, 1],
    ]);
    expect((await ignored('activity')) - before).toBe(wrong.length);
  });

  it('is refused, and changes nothing, if it is invalid as a whole', async () => {
    const { key } = await stack.issue();
    const tooMany = Array.from({ length: MAX_ACTIVITY + 1 }, () => entry(key.id));
    await expect(client.reportActivity(tooMany)).rejects.toThrow(ReportRefused);
    await expect(client.reportActivity(tooMany)).rejects.toThrow(
      'a report has activity: at most 500 entries',
    );
    expect((await stack.manage.activity(key.id)).activity).toEqual([]);
  });

  it('cannot make the activity unreadable by large counts', async () => {
    const { key } = await stack.issue();
    const most = entry(key.id, { count: 1_000_000_000 });
    for (let reports = 0; reports < 3; reports++)
      await client.reportActivity(Array.from({ length: MAX_ACTIVITY }, () => most));
    expect((await stack.manage.activity(key.id)).activity).toMatchObject([{ count: 1_500_000_000_000 }]);
    await stack.database.query('UPDATE key_activity SET count = $1', ['9223372036854775807']);
    expect((await stack.manage.activity(key.id)).activity).toMatchObject([
      { count: Number.MAX_SAFE_INTEGER },
    ]);
  });

  it('is ignored if it is a day old', async () => {
    const { key } = await stack.issue();
    await client.reportActivity([
      entry(key.id),
      entry(key.id, { firstAgoMs: 86_400_000, lastAgoMs: 86_400_000 }),
    ]);
    expect(total((await stack.manage.activity(key.id)).activity)).toBe(1);
  });
});

describe('the usage of a key', () => {
  it('counts requests and addresses of a day and a week', async () => {
    const { key } = await stack.issue();
    const none = { requests: 0, refused: 0, addresses: [], addressCount: 0 };
    expect(await stack.manage.usage(key.id)).toEqual({
      lastAt: null,
      lastDay: none,
      lastWeek: none,
      hours: [],
    });
    await client.reportActivity([
      entry(key.id, { count: 3 }),
      entry(key.id, { count: 4, status: 429 }),
      entry(key.id, { count: 9, address: '192.0.2.2', firstAgoMs: 7_200_000, lastAgoMs: 7_200_000 }),
    ]);
    await recordPastUse(stack, { key: key.id, daysAgo: 3, count: 50, address: '192.0.2.3' });
    await recordPastUse(stack, { key: key.id, daysAgo: 8, count: 1000, address: '192.0.2.4' });
    const { activity } = await stack.manage.activity(key.id);
    expect(await stack.manage.usage(key.id)).toEqual({
      lastAt: activity[0]?.lastAt,
      lastDay: { requests: 16, refused: 4, addresses: ['192.0.2.2', '192.0.2.1'], addressCount: 2 },
      lastWeek: {
        requests: 66,
        refused: 4,
        addresses: ['192.0.2.3', '192.0.2.2', '192.0.2.1'],
        addressCount: 3,
      },
      hours: [
        { at: expect.any(String), requests: 50, refused: 0 },
        { at: expect.any(String), requests: 9, refused: 0 },
        { at: expect.any(String), requests: 7, refused: 4 },
      ],
    });
  });

  it('names the addresses with most requests, and says if there are more than gateways tell apart', async () => {
    const { key } = await stack.issue();
    const addresses = Array.from({ length: 25 }, (_, i) => `192.0.2.${i}`);
    await client.reportActivity(addresses.map((address, i) => entry(key.id, { address, count: i + 1 })));
    expect((await stack.manage.usage(key.id)).lastDay).toEqual({
      requests: 325,
      refused: 0,
      addresses: addresses.toReversed().slice(0, 20),
      addressCount: 25,
    });
    await client.reportActivity([entry(key.id, { address: '', count: 1000 })]);
    expect((await stack.manage.usage(key.id)).lastDay).toMatchObject({ requests: 1325, addressCount: null });
  });

  it('leaves out tests by the dashboard, whether they were refused or not', async () => {
    const { token, key } = await stack.issue();
    const test = { headers: { authorization: `Bearer ${token}`, [KEY_TEST_HEADER]: '1' } };
    expect((await fetch(`${stack.gatewayUrl}/v1/me`, test)).status).toBe(200);
    // Anywhere else, the header has no meaning.
    expect((await fetch(`${stack.gatewayUrl}/v1/schedules`, test)).status).toBe(403);
    await stack.manage.pause(key.id);
    expect((await fetch(`${stack.gatewayUrl}/v1/me`, test)).status).toBe(401);
    const activity = await shown(key.id, (found) => total(found) === 3);
    expect(activity.map(({ route, status }) => `${route} ${status}`).sort()).toEqual([
      'GET /v1/schedules 403',
      `${KEY_TEST_ROUTE} 200`,
      `${KEY_TEST_ROUTE} 401`,
    ]);
    expect((await stack.manage.usage(key.id)).lastDay).toMatchObject({ requests: 1, refused: 1 });
  });
});
