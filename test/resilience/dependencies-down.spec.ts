import { afterEach, describe, expect, it } from '@jest/globals';
import { Stack, type StackOptions, callOnce, startKeysProcess, until } from '#libs/testing';

let stack: Stack;
afterEach(() => stack.stop());

async function start(options?: StackOptions): Promise<(token: string) => Promise<number>> {
  stack = await Stack.start(options);
  return async (token) => (await callOnce(`${stack.gatewayUrl}/v1/me`, token)).status;
}

describe('while Redis is down', () => {
  it('valid keys are served, revoked ones are refused at once, and a revoke returns once caches have expired', async () => {
    const status = await start();
    const [kept, revoked] = [await stack.issue(), await stack.issue()];
    expect([await status(kept.token), await status(revoked.token)]).toEqual([200, 200]);
    await stack.redis.kill();
    const revoking = stack.manage.revoke(revoked.key.id);
    await new Promise((resolve) => setTimeout(resolve, 2500)); // the lease has expired: every key is verified at keys
    expect([await status(kept.token), await status(revoked.token)]).toEqual([200, 401]);
    const { how, waitedMs } = await revoking;
    expect(how).toBe('cache-ttl');
    expect(waitedMs).toBeGreaterThan(10_000);
    expect([await status(kept.token), await status(revoked.token)]).toEqual([200, 401]);

    await stack.redis.restartEmpty();
    const again = await stack.issue();
    expect(await status(again.token)).toBe(200);
    await until(async () => {
      const { how } = await stack.manage.revoke((await stack.issue()).key.id);
      return how === 'acknowledged';
    });
  });
});

describe('while keys is down', () => {
  it('cached keys are served, others get a 503 with Retry-After, and it recovers', async () => {
    const status = await start();
    const [cached, other] = [await stack.issue(), await stack.issue()];
    expect(await status(cached.token)).toBe(200);
    const [keys] = stack.keys;
    await keys?.service.process.stop();
    expect(await status(cached.token)).toBe(200);
    const answer = await callOnce(`${stack.gatewayUrl}/v1/me`, other.token);
    expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(answer.headers.get('retry-after')).toBe('1');
    await until(async () => (await callOnce(`${stack.gatewayUrl}/readyz`)).status === 503);
    expect((await callOnce(`${stack.gatewayUrl}/healthz`)).status).toBe(200);

    const back = await startKeysProcess({
      ...stack.env,
      DATABASE_URL: stack.database.url,
      KEYS_MANAGE_PORT: new URL(stack.keysUrl).port,
      KEYS_VERIFY_PORT: String(keys?.verifyPort),
    });
    await until(async () => (await status(other.token)) === 200);
    await back.service.process.stop();
  });

  it('the other replica takes over if only one is', async () => {
    const status = await start({ keys: 2 });
    const tokens = [];
    for (let i = 0; i < 6; i++) tokens.push((await stack.issue()).token);
    await stack.keys[1]?.service.process.stop();
    for (const token of tokens) expect(await status(token)).toBe(200);
  });
});

describe('while PostgreSQL is down', () => {
  it('cached keys are served, others get a 503, changes fail clearly, and nothing is half done', async () => {
    const status = await start();
    const [cached, other] = [await stack.issue(), await stack.issue()];
    expect(await status(cached.token)).toBe(200);
    stack.network.keysToDatabase.cut();
    expect(await status(cached.token)).toBe(200);
    expect(await status(other.token)).toBe(503);
    const unavailable = {
      status: 503,
      code: 'unavailable',
      message: expect.stringContaining('The database does not answer'),
    };
    await expect(stack.manage.issue('ada', { name: 'x', capabilities: ['kb:read'] })).rejects.toMatchObject(
      unavailable,
    );
    await expect(stack.manage.revoke(other.key.id)).rejects.toMatchObject(unavailable);
    await expect(stack.manage.list('ada')).rejects.toMatchObject(unavailable);
    await until(async () => (await callOnce(`${stack.keysUrl}/readyz`)).status === 503);
    await until(async () => (await callOnce(`${stack.gatewayUrl}/readyz`)).status === 503);

    stack.network.keysToDatabase.mend();
    await until(async () => (await status(other.token)) === 200);
    expect((await stack.manage.list('ada')).keys).toHaveLength(2);
  });
});
