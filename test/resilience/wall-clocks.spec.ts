import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ManageClient } from '#libs/keys-client';
import {
  type KeysProcess,
  type ServiceProcess,
  Stack,
  TEST_SECRETS,
  callOnce,
  noteIssued,
  startGatewayProcess,
  startKeysProcess,
  wallClockOff,
} from '#libs/testing';
import { FakeUpstream } from '../support/fake-upstream.js';

const HOUR_MS = 3_600_000;
/** Soon, but still in the future when a busy machine gets to it. */
const SOON_MS = 4000;

let upstream: FakeUpstream;
let stack: Stack;
beforeAll(async () => {
  upstream = await FakeUpstream.start();
  stack = await Stack.start({ env: { UPSTREAM_DESKTOPS_URL: upstream.url } });
});
afterAll(async () => {
  await stack.stop();
  await upstream.stop();
});

/** The time `ms` milliseconds from now as RFC 3339, by PostgreSQL's clock, which is this machine's and right. */
const after = (ms: number): string => new Date(Date.now() + ms).toISOString();

/** The text of a key that expires at `expiresAt`. */
async function issueUntil(expiresAt: string): Promise<string> {
  await stack.manage.putOwner('ada', { email: 'ada@example.com' });
  const { token } = await stack.manage.issue('ada', {
    name: 'short',
    capabilities: ['desktop:chat'],
    expiresAt,
  });
  noteIssued(token);
  return token;
}

/** By how many milliseconds the clock that a service writes into its responses is ahead of ours. */
async function aheadMs(url: string): Promise<number> {
  const { headers } = await callOnce(url);
  return Date.parse(headers.get('date') ?? '') - Date.now();
}

describe.each(['-30s', '-2h', '+2h'])('a gateway whose wall clock is off by %s', (offset) => {
  const offMs = { '-30s': -30_000, '-2h': -2 * HOUR_MS, '+2h': 2 * HOUR_MS }[offset] ?? 0;
  let gateway: ServiceProcess;
  beforeAll(async () => {
    gateway = await startGatewayProcess({ ...stack.env, ...wallClockOff(offset) });
    expect(Math.abs((await aheadMs(`${gateway.url}/healthz`)) - offMs)).toBeLessThan(10_000);
  });
  afterAll(() => gateway.process.stop());

  const statusOf = async (token: string): Promise<number> =>
    (await callOnce(`${gateway.url}/v1/me`, token)).status;

  it('accepts a key that expires in an hour, from keys and from its cache', async () => {
    const token = await issueUntil(after(HOUR_MS));
    for (let i = 0; i < 3; i++) expect(await statusOf(token)).toBe(200);
  });

  it('accepts a key until it expires, and not after, although it is cached', async () => {
    const expiresAt = after(SOON_MS);
    const token = await issueUntil(expiresAt);
    const end = Date.parse(expiresAt);
    let accepted = 0;
    for (;;) {
      const beganAt = Date.now();
      const status = await statusOf(token);
      if (Date.now() < end) expect(status).toBe(200);
      if (status === 200) accepted++;
      if (beganAt < end) continue;
      expect(status).toBe(401);
      break;
    }
    expect(accepted).toBeGreaterThan(1);
  });

  it('cuts off a stream when its key expires, and no other', async () => {
    upstream.respond((_, res) => {
      const ticking = setInterval(() => res.write('data: tick\n\n'), 100);
      res.writeHead(200, { 'content-type': 'text/event-stream' }).on('close', () => clearInterval(ticking));
    });
    const expiresAt = after(SOON_MS);
    const [doomed, other] = [await issueUntil(expiresAt), await issueUntil(after(HOUR_MS))];
    const [stream, going] = [await chat(gateway.url, doomed), await chat(gateway.url, other)];
    await untilCutOff(stream);
    const lateMs = Date.now() - Date.parse(expiresAt);
    expect(lateMs).toBeGreaterThanOrEqual(0);
    // It takes a second on an idle machine. With only the cache's lifetime, it would take ten.
    expect(lateMs).toBeLessThan(5000);
    await once(going, 'data');
    going.destroy();
  });
});

describe.each(['-2h', '+2h', '+40d'])('keys whose wall clock is off by %s', (offset) => {
  let keys: KeysProcess;
  let manage: ManageClient;
  let before: readonly string[];
  beforeAll(async () => {
    before = await partitions();
    keys = await startKeysProcess({
      ...stack.env,
      DATABASE_URL: stack.database.url,
      ...wallClockOff(offset),
    });
    manage = new ManageClient({ url: keys.service.url, credential: TEST_SECRETS.KEYS_MANAGE_TOKEN });
    expect(Math.abs(await aheadMs(`${keys.service.url}/healthz`))).toBeGreaterThan(HOUR_MS);
    for (const id of ['ada', 'grace']) await manage.putOwner(id, { email: `${id}@example.com` });
  });
  afterAll(() => keys.service.process.stop());

  const request = { name: 'x', capabilities: ['kb:read'] };

  it('stores activity by the days of PostgreSQL’s clock', async () => {
    const now = await partitions();
    expect(now).toEqual(expect.arrayContaining([...before]));
    const dayAfterTomorrow = after(48 * HOUR_MS)
      .slice(0, 10)
      .replaceAll('-', '_');
    expect(now.at(-1)).toBe(`key_activity_${dayAfterTomorrow}`);
  });

  it('issues keys that expire in the future by PostgreSQL’s clock, and none that expire in the past', async () => {
    const { key, token } = await manage.issue('ada', { ...request, expiresAt: after(HOUR_MS) });
    noteIssued(token);
    expect(key.state).toBe('active');
    await expect(manage.issue('ada', { ...request, expiresAt: after(-HOUR_MS) })).rejects.toMatchObject({
      message: expect.stringContaining('Expiry must be in the future.'),
    });
  });

  it('sets expiries in the future by PostgreSQL’s clock, and none in the past', async () => {
    const { key, token } = await manage.issue('ada', request);
    noteIssued(token);
    const [expiresAt, past] = [after(HOUR_MS), after(-HOUR_MS)];
    await expect(manage.expire(key.id, { expiresAt: past })).rejects.toMatchObject({
      code: 'invalid_request',
    });
    expect(await manage.expire(key.id, { expiresAt })).toMatchObject({ key: { expiresAt, state: 'active' } });
    expect(await manage.expire(key.id, { expiresAt })).toMatchObject({ key: { expiresAt, state: 'active' } });
  });

  it('shows keys as expired by PostgreSQL’s clock, one by one and in lists', async () => {
    const expiresAt = after(SOON_MS);
    const { key, token } = await manage.issue('grace', { ...request, expiresAt });
    noteIssued(token);
    const inList = async (): Promise<unknown> =>
      (await manage.list('grace', { state: 'all' })).keys.find(({ id }) => id === key.id)?.state;
    expect([key.state, await inList()]).toEqual(['active', 'active']);
    while (Date.now() <= Date.parse(expiresAt)) await new Promise((resolve) => setTimeout(resolve, 50));
    expect([(await manage.get(key.id)).state, await inList()]).toEqual(['expired', 'expired']);
    await expect(manage.expire(key.id, { expiresAt: after(HOUR_MS) })).rejects.toMatchObject({
      code: 'key_ended',
    });
    expect((await manage.revoke(key.id)).key.state).toBe('revoked');
  });
});

/** The partitions of activity, one for each day, sorted. */
async function partitions(): Promise<string[]> {
  const { rows } = await stack.database.query(
    `SELECT relid::text AS name FROM pg_partition_tree('key_activity') WHERE level = 1 ORDER BY name`,
  );
  return rows.map(({ name }) => String(name));
}

/** Opens a streaming chat; resolves once its headers have arrived. */
async function chat(gateway: string, token: string): Promise<IncomingMessage> {
  const req = request(`${gateway}/v1/desktops/d/chat`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  });
  req.end('{"message":"Hello.","stream":true}');
  const [res] = await once(req, 'response');
  expect(res.statusCode).toBe(200);
  return res;
}

async function untilCutOff(stream: IncomingMessage): Promise<void> {
  stream.resume().on('error', () => undefined);
  await new Promise((resolve) => stream.on('close', resolve));
}
