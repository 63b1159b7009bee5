import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { Stack, call } from '#libs/testing';

describe('an operator sees', () => {
  let stack: Stack;
  beforeAll(async () => void (stack = await Stack.start({ gateways: 2 })));
  afterAll(() => stack.stop());

  const keys = (name: string): Promise<string[] | undefined> =>
    Promise.resolve(stack.keys[0]?.service.metrics(name));
  const gateway = (name: string): Promise<string[] | undefined> =>
    Promise.resolve(stack.gateways[0]?.metrics(name));

  async function until(isTrue: () => Promise<boolean>): Promise<void> {
    while (!(await isTrue())) await sleep(20);
  }

  it('how long changes take until they are in effect, and how they came to be', async () => {
    const { key } = await stack.issue();
    await until(async () => (await keys('keys_gateways_registered'))?.[0] === 'keys_gateways_registered 2');
    const { how } = await stack.manage.revoke(key.id);
    expect(how).toBe('acknowledged');
    const [count] = (await keys('keys_revocation_effective_seconds_count{how="acknowledged"}')) ?? [];
    expect(count).toBe('keys_revocation_effective_seconds_count{how="acknowledged"} 1');
    const [sum] = (await keys('keys_revocation_effective_seconds_sum')) ?? [];
    const seconds = Number(sum?.split(' ')[1]);
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThan(11.5);
  });

  it('that the outbox is empty', async () => {
    await until(
      async () => (await keys('keys_revocation_outbox_waiting'))?.[0] === 'keys_revocation_outbox_waiting 0',
    );
  });

  it('whether a gateway holds its lease', async () => {
    await until(async () => (await gateway('gateway_lease_held'))?.[0] === 'gateway_lease_held 1');
    stack.network.gatewaysToRedis.cut();
    await until(async () => (await gateway('gateway_lease_held'))?.[0] === 'gateway_lease_held 0');
    stack.network.gatewaysToRedis.mend();
    await until(async () => (await gateway('gateway_lease_held'))?.[0] === 'gateway_lease_held 1');
  });

  it('and nobody else: the doors show no metrics', async () => {
    expect((await call(`${stack.keysUrl}/metrics`)).status).toBe(404);
    expect((await call(`${stack.gatewayUrl}/metrics`)).status).toBe(404);
  });
});
