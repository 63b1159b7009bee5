import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LE_BUREAU } from '#libs/catalogue';
import { VerifyClient } from '#libs/keys-client';
import { type Answer, Stack, TEST_SECRETS, call, startGatewayProcess, until } from '#libs/testing';

let stack: Stack;
beforeAll(async () => {
  stack = await Stack.start({ dashboards: 1 });
});
afterAll(() => stack.stop());

/**
 * How many bytes are sent to PostgreSQL in how many seconds while `act` runs `times` times or more, ten times a second and
 * for at least two seconds.
 */
async function bytesWhile(
  act: () => Promise<unknown>,
  times: number,
): Promise<{ bytes: number; seconds: number; times: number }> {
  const { keysToDatabase, dashboardsToDatabase } = stack.network;
  const bytes = (): number => keysToDatabase.bytes + dashboardsToDatabase.bytes;
  const before = bytes();
  const beganAt = performance.now();
  let done = 0;
  for (; done < times || performance.now() < beganAt + 2000; done++) {
    await act();
    await sleep(100);
  }
  return { bytes: bytes() - before, seconds: (performance.now() - beganAt) / 1000, times: done };
}

/** `act` asks a hundred times. A statement for each would be 1400 bytes or more. */
async function expectToCostNothing(act: () => Promise<unknown>): Promise<void> {
  const idle = await bytesWhile(() => Promise.resolve(), 1);
  const asked = await bytesWhile(act, 3);
  // What services send to PostgreSQL anyway, and one check per second of each.
  const others = ((2 * idle.bytes) / idle.seconds + 300) * asked.seconds;
  expect(asked.bytes).toBeLessThan(others + 700 * asked.times);
}

describe('a readiness check', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['keys', () => call(`${stack.keysUrl}/readyz`)],
    ['the gateway, which asks keys', () => call(`${stack.gatewayUrl}/readyz`)],
    ['the dashboard', () => call(`${stack.dashboardUrl}/readyz`)],
  ])('does not load the database, however often: %s', async (_, ask) => {
    expect(await ask()).toMatchObject({ status: 200, body: { status: 'ready' } });
    await expectToCostNothing(() => Promise.all(Array.from({ length: 100 }, ask)));
  });

  it('does not load it at the verification RPC, either', async () => {
    const url = `tcp://127.0.0.1:${stack.keys[0]?.verifyPort ?? 0}`;
    const client = new VerifyClient({ url, credential: TEST_SECRETS.KEYS_VERIFY_TOKEN });
    await expectToCostNothing(() => Promise.all(Array.from({ length: 100 }, () => client.isReady())));
    client.close();
  });

  it('soon shows that the database is down, and that it is back', async () => {
    const status = async (): Promise<number> => (await call(`${stack.keysUrl}/readyz`)).status;
    stack.network.keysToDatabase.cut();
    await until(async () => (await status()) === 503);
    stack.network.keysToDatabase.mend();
    await until(async () => (await status()) === 200);
  });

  it('of a gateway warns that no key can have what its routes need, and succeeds: all gateways have these routes', async () => {
    const capabilities = LE_BUREAU.capabilities.filter(({ name }) => name !== 'desktop:read');
    const catalogue = { title: 'Less', groups: LE_BUREAU.groups, capabilities };
    const service = stack.keys[0]?.service;
    await service?.process.stop();
    await service?.restart({ CATALOGUE: JSON.stringify(catalogue) });
    const gateway = await startGatewayProcess(stack.env);
    let answer: Answer;
    do answer = await call(`${gateway.url}/readyz`);
    while (Object(answer.body).warnings === undefined);
    const sentence =
      'No key can have desktop:read, which GET /v1/desktops requires: it is not in the catalogue of the keys service.';
    expect(answer).toMatchObject({
      status: 200,
      body: { status: 'ready', warnings: expect.arrayContaining([sentence]) },
    });
    await gateway.process.waitForOutput(sentence);
    await gateway.process.stop();
  });
});
