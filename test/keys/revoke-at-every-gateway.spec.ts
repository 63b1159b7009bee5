import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Stack, call } from '#libs/testing';

let stack: Stack;
beforeAll(async () => void (stack = await Stack.start({ gateways: 2 })));
afterAll(() => stack.stop());

it('refuses a revoked key at every gateway', async () => {
  const { token, key } = await stack.issue('ada', ['desktop:read']);
  const me = stack.gateways.map(({ url }) => `${url}/v1/me`);
  for (const url of me) expect((await call(url, token)).status).toBe(200);
  await stack.manage.revoke(key.id);
  for (const url of me) expect((await call(url, token)).status).toBe(401);
});
