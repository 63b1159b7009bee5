import { request } from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ServiceProcess, Stack, call, noteIssued, startGatewayProcess } from '#libs/testing';

let stack: Stack;
/** It trusts nobody in front of it, and the stack's own gateway trusts the client of these tests. */
let direct: ServiceProcess;
beforeAll(async () => {
  const env = {
    LAST_USED_EVERY_SECONDS: '1',
    FORWARD_AUTH_AUDIENCES: 'reports',
    TRUSTED_PROXIES: '127.0.0.1',
  };
  stack = await Stack.start({ env });
  direct = await startGatewayProcess({ ...stack.env, REDIS_URL: stack.redis.url, TRUSTED_PROXIES: '' });
});
afterAll(async () => {
  await direct.process.stop();
  await stack.stop();
});

async function issue(allowedIps: readonly string[], rateLimitPerMinute: number | null = null) {
  await stack.manage.putOwner('ada', { email: 'ada@example.com' });
  const asked = { name: 'x', capabilities: ['desktop:read'], allowedIps, rateLimitPerMinute };
  const { token, key } = await stack.manage.issue('ada', asked);
  noteIssued(token);
  return { token, id: key.id };
}

/** What a request from this address of the machine gets, and whether it was refused for that. */
async function from(localAddress: string, token: string, headers: Record<string, string> = {}) {
  for (;;) {
    const answer = await new Promise<{ status: number; body: unknown }>((resolve, reject) => {
      const authorization = `Bearer ${token}`;
      const sent = request(`${direct.url}/v1/me`, { localAddress, headers: { authorization, ...headers } });
      sent.on('response', (res) => {
        json(res).then((body) => resolve({ status: res.statusCode ?? 0, body }), reject);
      });
      sent.on('error', reject).end();
    });
    // A busy machine: keys did not answer in time.
    if (answer.status !== 503) return outcomeOf(answer);
    await sleep(100);
  }
}

/** The same by way of a trusted proxy, which says that the client is this one. */
async function forwarded(
  forwardedFor: string | undefined,
  token: string,
  path = `${stack.gatewayUrl}/v1/me`,
) {
  const headers: Record<string, string> =
    forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor };
  return outcomeOf(await call(path, token, { headers }));
}

function outcomeOf({ status, body }: { status: number; body: unknown }): string {
  return status === 200 || status === 204 ? 'accepted' : `${status} ${Object(body).code}`;
}

const REFUSED = '403 address_not_allowed';

describe('a key with allowed addresses', () => {
  it('is accepted from these alone, whether it is cached or not, and whatever a client says about itself', async () => {
    for (const first of ['127.0.0.2', '127.0.0.9']) {
      const { token } = await issue(['127.0.0.2', '2001:db8::/32']);
      await from(first, token); // from now on it is cached
      for (let i = 0; i < 2; i++) {
        expect(await from('127.0.0.2', token)).toBe('accepted');
        expect(await from('127.0.0.2', token, { 'x-forwarded-for': '127.0.0.9' })).toBe('accepted');
        expect(await from('127.0.0.9', token)).toBe(REFUSED);
        for (const name of ['x-forwarded-for', 'x-real-ip', 'forwarded'])
          expect(await from('127.0.0.9', token, { [name]: '127.0.0.2' })).toBe(REFUSED);
      }
    }
  });

  it('is accepted from a network up to its ends', async () => {
    const { token } = await issue(['127.0.0.8/30']);
    for (const [address, outcome] of [
      ['127.0.0.7', REFUSED],
      ['127.0.0.8', 'accepted'],
      ['127.0.0.11', 'accepted'],
      ['127.0.0.12', REFUSED],
    ] as const)
      expect([address, await from(address, token)]).toEqual([address, outcome]);
  });

  it('behind a trusted proxy, is accepted from the client that the proxy has seen', async () => {
    const { token } = await issue(['203.0.113.0/24', '2001:DB8::/32']);
    for (const [client, outcome] of [
      ['198.51.100.7', REFUSED],
      ['203.0.113.9', 'accepted'],
      ['::ffff:203.0.113.10', 'accepted'],
      ['[2001:db8:1::5]:49152', 'accepted'],
      ['2001:db9::5', REFUSED],
      ['203.0.113.9, 198.51.100.7', REFUSED], // the client wrote the first
      ['198.51.100.7, 203.0.113.9', 'accepted'],
      ['unknown', REFUSED],
      [undefined, REFUSED],
    ] as const)
      expect([client, await forwarded(client, token)]).toEqual([client, outcome]);
  });

  it('is refused at a route whose capability it lacks before that is said', async () => {
    const { token } = await issue(['203.0.113.9']);
    const schedules = `${stack.gatewayUrl}/v1/schedules`;
    expect(await forwarded('198.51.100.7', token, schedules)).toBe(REFUSED);
    expect(await forwarded('203.0.113.9', token, schedules)).toBe('403 insufficient_scope');
  });

  it('keeps its limit, however often it is tried from elsewhere', async () => {
    const { token } = await issue(['203.0.113.9'], 1);
    for (let i = 0; i < 5; i++) expect(await forwarded('198.51.100.7', token)).toBe(REFUSED);
    expect(await forwarded('203.0.113.9', token)).toBe('accepted');
    expect(await forwarded('203.0.113.9', token)).toBe('429 rate_limited');
    expect(await forwarded('198.51.100.7', token)).toBe(REFUSED);
  });

  it('is held to them by forward auth', async () => {
    const { token } = await issue(['203.0.113.9']);
    const authorize = new URL('/authorize', stack.gateways[0]?.metricsUrl).href;
    expect(await forwarded('203.0.113.9', token, authorize)).toBe('accepted');
    expect(await forwarded('198.51.100.7', token, authorize)).toBe(REFUSED);
  });

  it('shows in its activity from where it was refused, and tells nobody from where it is not', async () => {
    const { token, id } = await issue(['203.0.113.9']);
    const headers = { 'x-forwarded-for': '198.51.100.7' };
    const answer = await call(`${stack.gatewayUrl}/v1/me`, token, { headers });
    expect(answer.status).toBe(403);
    expect(JSON.stringify([answer.body, ...answer.headers])).not.toContain('203.0.113');
    const seen = async () => (await stack.manage.activity(id)).activity;
    while ((await seen()).length === 0) await sleep(50);
    expect(await seen()).toMatchObject([
      { route: 'GET /v1/me', status: 403, address: '198.51.100.7', count: 1 },
    ]);
    expect(stack.logs).toMatch(/"reason":"address_not_allowed"/);
  });

  it('has the gateway say once that a proxy may be in front, if it sees a private address', async () => {
    const { token } = await issue(['203.0.113.9']);
    for (let i = 0; i < 2; i++)
      expect(await from('127.0.0.9', token, { 'x-forwarded-for': '203.0.113.9' })).toBe(REFUSED);
    const warnings = direct.process.stdout.match(/name it in TRUSTED_PROXIES/g);
    expect(warnings).toHaveLength(1);
  });
});
