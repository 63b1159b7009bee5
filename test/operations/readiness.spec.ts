import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { VerifyClient } from '#libs/keys-client';
import { Stack, TEST_SECRETS, call } from '#libs/testing';

let stack: Stack;
beforeAll(async () => {
  stack = await Stack.start({ dashboards: 1 });
});
afterAll(() => stack.stop());

/** How many bytes go to PostgreSQL in how many seconds while `act` runs `times` times, and for two seconds at least. */
async function bytesWhile(
  act: () => Promise<unknown>,
  times: number,
): Promise<{ bytes: number; seconds: number; times: number }> {
  const { keysToDatabase, dashboardsToDatabase } = stack.network;
  const bytes = (): number => keysToDatabase.bytes + dashboardsToDatabase.bytes;
  const before = bytes();
  const beganAt = performance.now();
  let done = 0;
  for (; done < times || performance.now() < beganAt + 2000; done++) await act();
  return { bytes: bytes() - before, seconds: (performance.now() - beganAt) / 1000, times: done };
}

/** `act` asks a hundred times. A statement for each would be 1400 bytes and more. */
async function expectToCostNothing(act: () => Promise<unknown>): Promise<void> {
  const idle = await bytesWhile(() => sleep(100), 1);
  const asked = await bytesWhile(act, 3);
  // What services ask PostgreSQL anyway, and one look of each in a second.
  const others = ((2 * idle.bytes) / idle.seconds + 300) * asked.seconds;
  expect(asked.bytes).toBeLessThan(others + 700 * asked.times);
}

describe('asking whether a service is ready', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['keys', () => call(`${stack.keysUrl}/readyz`)],
    ['the gateway, which asks keys', () => call(`${stack.gatewayUrl}/readyz`)],
    ['the dashboard', () => call(`${stack.dashboardUrl}/readyz`)],
  ])('costs the database nothing, however often: %s', async (_, ask) => {
    expect(await ask()).toMatchObject({ status: 200, body: { status: 'ready' } });
    await expectToCostNothing(() => Promise.all(Array.from({ length: 100 }, ask)));
  });

  it('costs no more at the verification RPC', async () => {
    const url = `tcp://127.0.0.1:${stack.keys[0]?.verifyPort ?? 0}`;
    const client = new VerifyClient({ url, credential: TEST_SECRETS.KEYS_VERIFY_TOKEN });
    await expectToCostNothing(() => Promise.all(Array.from({ length: 100 }, () => client.isReady())));
    client.close();
  });

  it('is answered again soon after the database has gone, and has come back', async () => {
    const status = async (): Promise<number> => (await call(`${stack.keysUrl}/readyz`)).status;
    stack.network.keysToDatabase.cut();
    while ((await status()) !== 503);
    stack.network.keysToDatabase.mend();
    while ((await status()) !== 200);
  });
});
