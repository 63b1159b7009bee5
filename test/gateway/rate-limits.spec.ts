import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { KeyFormat, findKeyId, newKeyId } from '#libs/key-format';
import { DEFAULT_TIMINGS } from '#libs/revocations';
import {
  type Answer,
  type ServiceProcess,
  Stack,
  call,
  callOnce,
  isKeysUnavailable,
  noteIssued,
  startGatewayProcess,
  until,
} from '#libs/testing';

/** Calls a gateway `times` times at the same time with a key. */
function callAtOnce(gateways: readonly ServiceProcess[], times: number, token: string): Promise<Answer[]> {
  const calls = Array.from({ length: times }, (_, i) => gateways[i % gateways.length]?.url ?? '');
  return Promise.all(calls.map((url) => call(`${url}/v1/me`, token)));
}

function count(answers: readonly Answer[], status: number): number {
  return answers.filter((answer) => answer.status === status).length;
}

/** A forged key: its maker knows the format and an ID, but not the tag secret. */
function forge(id: string): string {
  const guessed = new KeyFormat({ prefix: 'sk_live', tagSecrets: ['a guess'] });
  return guessed.print(findKeyId(id) ?? newKeyId()).text;
}

describe('a key', () => {
  let stack: Stack;
  let redis: Redis;
  beforeAll(async () => {
    stack = await Stack.start({ gateways: 3, env: { RATE_LIMIT_PER_MINUTE: '60', LOG_LEVEL: 'debug' } });
    redis = new Redis(stack.redis.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await stack.stop();
  });

  it('may make exactly 60 requests per minute over all gateways, however many come at once', async () => {
    const { token } = await stack.issue();
    const answers = await callAtOnce(stack.gateways, 100, token);
    expect([count(answers, 200), count(answers, 429)]).toEqual([60, 40]);
  });

  it('is limited independently of other keys at the same address', async () => {
    const [used, other] = [await stack.issue(), await stack.issue()];
    await callAtOnce(stack.gateways, 60, used.token);
    expect((await call(`${stack.gatewayUrl}/v1/me`, used.token)).status).toBe(429);
    expect((await call(`${stack.gatewayUrl}/v1/me`, other.token)).status).toBe(200);
  });

  it('may have another limit, lower or higher', async () => {
    for (const rateLimitPerMinute of [5, 90]) {
      const request = { name: 'x', capabilities: ['kb:read'], rateLimitPerMinute };
      const { token } = await stack.manage.issue('ada', request);
      noteIssued(token);
      const answers = await callAtOnce(stack.gateways, 120, token);
      expect(count(answers, 200)).toBe(rateLimitPerMinute);
      expect(answers[0]?.headers.get('ratelimit-policy')).toBe(`"per-key";q=${rateLimitPerMinute};w=60`);
    }
  });

  it('gets the remaining requests in headers, and beyond the limit, when to retry', async () => {
    const { token } = await stack.issue();
    const first = await call(`${stack.gatewayUrl}/v1/me`, token);
    expect(first.headers.get('ratelimit-policy')).toBe('"per-key";q=60;w=60');
    expect(first.headers.get('ratelimit')).toBe('"per-key";r=59;t=60');
    expect(first.headers.get('retry-after')).toBeNull();

    await callAtOnce(stack.gateways, 59, token);
    for (const { url } of stack.gateways) {
      const refused = await call(`${url}/v1/me`, token);
      const [, seconds = ''] = /^"per-key";r=0;t=(\d+)$/.exec(refused.headers.get('ratelimit') ?? '') ?? [];
      expect(Number(seconds)).toBeGreaterThan(50);
      expect(refused.headers.get('retry-after')).toBe(seconds);
      expect(refused.headers.get('cache-control')).toBe('no-store');
      expect(refused.headers.get('content-type')).toContain('application/problem+json');
      expect(refused.status).toBe(429);
      const type = 'urn:le-bureau:problem:rate_limited';
      const detail = `The key may make 60 requests per minute. Try again in ${seconds} seconds.`;
      expect(refused.body).toEqual({
        type,
        title: 'Too many requests',
        status: 429,
        detail,
        code: 'rate_limited',
        // Where SDKs for OpenAI's API look.
        error: { message: detail, code: 'rate_limited', type },
        'violated-policies': ['per-key'],
        instance: '/v1/me',
        requestId: refused.headers.get('x-request-id'),
      });
    }
  });

  it('is accepted again after Retry-After', async () => {
    const { token, key } = await stack.issue();
    await call(`${stack.gatewayUrl}/v1/me`, token);
    await redis.pexpire(`rate-limit:${key.id}`, 6000); // a window that has nearly ended
    await callAtOnce(stack.gateways.slice(0, 1), 60, token);
    const refused = await call(`${stack.gatewayUrl}/v1/me`, token);
    expect(refused.status).toBe(429);
    const seconds = Number(refused.headers.get('retry-after'));
    expect(seconds).toBeLessThanOrEqual(6);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    const again = await call(`${stack.gatewayUrl}/v1/me`, token);
    expect([again.status, again.headers.get('ratelimit')]).toEqual([200, '"per-key";r=59;t=60']);
  });

  it('is not charged for forged keys with its ID', async () => {
    const { token, key } = await stack.issue();
    await call(`${stack.gatewayUrl}/v1/me`, token);
    const before = await redis.keys('*');
    const forged = [...Array.from({ length: 50 }, () => forge('')), ...Array(50).fill(forge(key.id))];
    for (const text of forged) {
      const answer = await call(`${stack.gatewayUrl}/v1/me`, text);
      expect([answer.status, answer.headers.get('ratelimit')]).toEqual([401, null]);
    }
    expect((await redis.keys('*')).sort()).toEqual(before.sort());
    expect(await redis.get(`rate-limit:${key.id}`)).toBe('1');
  });

  it('gets a third of its limit at each of three gateways while Redis is down, and all of it once it is back', async () => {
    for (const { process } of stack.gateways) await process.waitForOutput('"gateways":3');
    const { token } = await stack.issue();
    stack.network.gatewaysToRedis.cut();
    const beganAt = performance.now();
    for (const gateway of stack.gateways) {
      const answers = await callAtOnce([gateway], 50, token);
      expect([count(answers, 200), count(answers, 429)]).toEqual([20, 30]);
      expect(answers[0]?.headers.get('ratelimit-policy')).toBe('"per-key";q=20;w=60');
    }
    expect(performance.now() - beganAt).toBeLessThan(5000);

    stack.network.gatewaysToRedis.mend();
    const { token: other } = await stack.issue();
    for (const { url } of stack.gateways)
      await until(async () => {
        const { headers } = await call(`${url}/v1/me`, other);
        return headers.get('ratelimit-policy') === '"per-key";q=60;w=60';
      });
    const { token: fresh } = await stack.issue();
    expect(count(await callAtOnce(stack.gateways, 100, fresh), 200)).toBe(60);
  });
});

describe('an address', () => {
  let stack: Stack;
  let token: string;
  const gateways: ServiceProcess[] = [];
  beforeAll(async () => {
    stack = await Stack.start({ gateways: 0, env: { FAILED_AUTHENTICATIONS_PER_MINUTE: '10' } });
    ({ token } = await stack.issue());
  });
  afterAll(async () => {
    await Promise.all(gateways.map(({ process }) => process.stop()));
    await stack.stop();
  });

  /** A new gateway, and a function to call it. */
  async function fresh(
    env: Record<string, string> = {},
  ): Promise<(token?: string, headers?: Record<string, string>) => Promise<Answer>> {
    const gateway = await startGatewayProcess({ ...stack.env, ...env });
    gateways.push(gateway);
    return (token, headers = {}) => call(`${gateway.url}/v1/me`, token, { headers });
  }

  it('is blocked after ten refused keys, except for known keys', async () => {
    const me = await fresh();
    const [revoked, known, unknown] = [await stack.issue(), await stack.issue(), await stack.issue()];
    await stack.manage.revoke(revoked.key.id);
    expect((await me(known.token)).status).toBe(200);
    const mistyped = token.slice(0, -1) + (token.endsWith('0') ? '1' : '0');
    for (const refused of [forge(''), 'sk_live_hello', mistyped, revoked.token, ...Array(5).fill(forge(''))])
      expect((await me(refused)).status).toBe(401);
    expect((await me(token)).status).toBe(200); // which does not reset the nine
    expect((await me(forge(''))).status).toBe(401);

    for (const answer of [
      await me(forge('')),
      await me(revoked.token),
      await me(unknown.token),
      await me(),
      await me(undefined, { authorization: 'Bearer a b' }),
    ]) {
      const seconds = answer.headers.get('retry-after') ?? '';
      expect(Number(seconds)).toBeGreaterThan(40);
      expect(Number(seconds)).toBeLessThanOrEqual(60);
      expect(answer.headers.get('www-authenticate')).toBeNull();
      expect(answer).toMatchObject({
        status: 429,
        body: {
          code: 'rate_limited',
          detail: `Too many invalid keys came from your address. Correct the key, and try again in ${seconds} seconds.`,
          'violated-policies': ['failed-authentications'],
        },
      });
    }
    for (const valid of [known.token, token]) expect((await me(valid)).status).toBe(200);
    // With the ID of a known one.
    expect((await me(forge(known.key.id))).status).toBe(429);
    // Once it is revoked, it gets 401, and is no longer known.
    await stack.manage.revoke(known.key.id);
    expect((await me(known.token)).status).toBe(401);
    expect((await me(known.token)).status).toBe(429);
  });

  it('causes no requests to keys while it is blocked, and known keys stay known for longer than they are cached', async () => {
    const me = await fresh();
    const others = await Promise.all(Array.from({ length: 5 }, () => stack.issue()));
    expect((await me(token)).status).toBe(200);
    for (let i = 0; i < 10; i++) expect((await me(forge(''))).status).toBe(401);
    const questions = async (): Promise<string[]> =>
      (await gateways.at(-1)?.metrics('gateway_verify_requests_total{')) ?? [];
    const before = await questions();
    for (const other of others) expect((await me(other.token)).status).toBe(429);
    expect(await questions()).toEqual(before);
    await new Promise((resolve) => setTimeout(resolve, DEFAULT_TIMINGS.cacheTtlMs));
    expect((await me(token)).status).toBe(200);
    expect(await questions()).not.toEqual(before);
  });

  it('is not charged for anything but refused keys', async () => {
    const me = await fresh();
    for (let i = 0; i < 12; i++) {
      expect((await me()).status).toBe(401);
      expect((await me(undefined, { authorization: 'Bearer a b' })).status).toBe(400);
    }
    expect((await me(token)).status).toBe(200);
  });

  it('is the client’s if a trusted proxy forwards it', async () => {
    const me = await fresh({ TRUSTED_PROXIES: '127.0.0.1' });
    const from = (forwarded: string) => ({ 'x-forwarded-for': forwarded });
    for (let i = 0; i < 10; i++)
      expect((await me(forge(''), from(`203.0.113.${i}, 198.51.100.7`))).status).toBe(401);
    expect((await me(token, from('198.51.100.7'))).status).toBe(429);
    expect((await me(token, from('203.0.113.9, 198.51.100.7'))).status).toBe(429);
    expect((await me(token, from('198.51.100.7, 198.51.100.8'))).status).toBe(200);
    expect((await me(token)).status).toBe(200); // the proxy itself
  });

  it('is the socket’s, whatever headers say, without a trusted proxy', async () => {
    for (const env of [{}, { TRUSTED_PROXIES: '10.0.0.0/8,::2' }]) {
      const me = await fresh(env);
      for (let i = 0; i < 10; i++)
        expect((await me(forge(''), { 'x-forwarded-for': `198.51.100.${i}` })).status).toBe(401);
      expect((await me(token, { 'x-forwarded-for': '198.51.100.77' })).status).toBe(429);
    }
  });

  // Keys is down from here on: this is the last test of this file.
  it('is not charged while keys is down, and forged keys are refused without it', async () => {
    const me = await fresh();
    await stack.keys[0]?.service.process.stop();
    for (let i = 0; i < 12; i++)
      expect(isKeysUnavailable(await callOnce(`${gateways.at(-1)?.url ?? ''}/v1/me`, token))).toBe(true);
    for (let i = 0; i < 10; i++) expect((await me(forge(''))).status).toBe(401);
    expect((await me(token)).status).toBe(429);
  });
});
