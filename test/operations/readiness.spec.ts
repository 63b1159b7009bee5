import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { VerifyClient } from '#libs/keys-client';
import { Stack, TEST_SECRETS, call } from '#libs/testing';

let stack: Stack;
beforeAll(async () => {
  stack = await Stack.start({ dashboards: 1 });
});
afterAll(() => stack.stop());

/** How many bytes go to PostgreSQL while `act` runs for two seconds, over and over. */
async function bytesWhile(act: () => Promise<unknown>): Promise<number> {
  const { keysToDatabase, dashboardsToDatabase } = stack.network;
  const bytes = (): number => keysToDatabase.bytes + dashboardsToDatabase.bytes;
  const before = bytes();
  const until = performance.now() + 2000;
  while (performance.now() < until) await act();
  return bytes() - before;
}

/** What a thousand statements would be, at the least: `SELECT 1` has 9 bytes, and its frame 5. */
const MANY = 14 * 1000;

describe('asking whether a service is ready', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['keys', () => call(`${stack.keysUrl}/readyz`)],
    ['the gateway, which asks keys', () => call(`${stack.gatewayUrl}/readyz`)],
    ['the dashboard', () => call(`${stack.dashboardUrl}/readyz`)],
  ])('costs the database nothing, however often: %s', async (_, ask) => {
    expect(await ask()).toMatchObject({ status: 200, body: { status: 'ready' } });
    let times = 0;
    const bytes = await bytesWhile(() => {
      times += 10;
      return Promise.all(Array.from({ length: 10 }, ask));
    });
    expect(times).toBeGreaterThan(100);
    expect(bytes).toBeLessThan(Math.min(MANY, 14 * times));
  });

  it('costs no more at the verification RPC', async () => {
    const url = `tcp://127.0.0.1:${stack.keys[0]?.verifyPort ?? 0}`;
    const client = new VerifyClient({ url, credential: TEST_SECRETS.KEYS_VERIFY_TOKEN });
    const bytes = await bytesWhile(() => Promise.all(Array.from({ length: 100 }, () => client.isReady())));
    client.close();
    expect(bytes).toBeLessThan(MANY);
  });

  it('is answered anew soon after the database has gone, and has come back', async () => {
    const status = async (): Promise<number> => (await call(`${stack.keysUrl}/readyz`)).status;
    stack.network.keysToDatabase.cut();
    while ((await status()) !== 503);
    stack.network.keysToDatabase.mend();
    while ((await status()) !== 200);
  });
});
