import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { DEFAULT_TIMINGS } from '#libs/revocations';
import { SentinelRedis, Stack } from '#libs/testing';
import { Workload } from './chaos/workload.js';

/** The lifetime of caches, with the margin. */
const CACHE_BOUND_MS = DEFAULT_TIMINGS.cacheTtlMs * DEFAULT_TIMINGS.margin;
const REVOKES = 24;

let redis: SentinelRedis;
let stack: Stack;
beforeAll(async () => {
  redis = await SentinelRedis.start();
  stack = await Stack.start({ gateways: 2, keys: 2, redis, direct: true, env: redis.settings });
});
afterAll(() => stack.stop());

it('a returned revoke holds when the primary is killed and its replica takes over, and revokes are soon fast again', async () => {
  const revoke = async (): Promise<string> => {
    const { key } = await stack.issue();
    return (await stack.manage.revoke(key.id)).how;
  };
  expect(await revoke()).toBe('acknowledged');

  const workload = new Workload(stack, REVOKES);
  let killedAt = 0;
  let failedOverMs = 0;
  await workload.run(async () => {
    killedAt = performance.now();
    await redis.kill();
    await redis.failedOver();
    failedOverMs = performance.now() - killedAt;
  });
  while ((await revoke()) !== 'acknowledged');
  const quickAgainMs = performance.now() - killedAt;

  const { acceptedAfterReturn, validRefused, accepted, refused } = workload.history.check();
  expect(acceptedAfterReturn).toEqual([]);
  expect(validRefused).toEqual([]);
  expect(accepted).toBeGreaterThan(REVOKES);
  expect(refused).toBeGreaterThan(REVOKES);

  expect(workload.revokes.length).toBeGreaterThanOrEqual(REVOKES);
  const waited = workload.revokes.map(({ revocation }) => revocation.waitedMs);
  const figures = {
    'until the sentinels had failed over': failedOverMs,
    'until revokes were acknowledged again': quickAgainMs,
    'longest revoke': Math.max(...waited),
    'its bound': CACHE_BOUND_MS,
  };
  const lines = Object.entries(figures).map(([what, ms]) => `${what}: ${Math.round(ms)} ms`);
  process.stderr.write(`\n${lines.join('\n')}\n${accepted + refused} requests\n`);
});
