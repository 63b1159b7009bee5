import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Revocation } from '#libs/keys-contract';
import { Stack, type TestRedis, noteIssued, startRedis } from '#libs/testing';
import { CACHE_BOUND_MS, atRedis } from './chaos/fault.js';

/*
 * Some operations on a running Redis change the identity of the revocation log. Revokes are slow then, until PostgreSQL
 * records that everything cached under the earlier log has expired: it is settled. Keys services that start later need not
 * wait for that again.
 */
let stack: Stack;
const replicas: TestRedis[] = [];
beforeAll(async () => {
  stack = await Stack.start({ gateways: 2, direct: true });
  await stack.manage.putOwner('ada', { email: 'ada@example.com' });
});
afterAll(async () => {
  await stack.stop();
  await Promise.all(replicas.map((replica) => replica.stop()));
});

async function revoke(): Promise<Revocation> {
  // Not by `stack.issue`, which also changes the owner: that would be what takes long.
  const { key, token } = await stack.manage.issue('ada', { name: 'x', capabilities: ['desktop:read'] });
  noteIssued(token);
  return stack.manage.revoke(key.id);
}

async function untilQuick(): Promise<void> {
  while ((await revoke()).how !== 'acknowledged');
}

/** What PostgreSQL records about the log. */
async function recorded(): Promise<{ identity: string; isSettled: boolean }> {
  const { rows } = await stack.database.query(
    'SELECT identity, settled_generation = generation AS "isSettled" FROM revocation_log',
  );
  return rows[0];
}

async function emptyRedis(): Promise<void> {
  await atRedis(stack.redis.url, async (redis) => {
    await redis.flushall();
  });
}

/** From its first replica on, a Redis keeps a replication backlog, and gets another replication ID. */
async function addReplica(): Promise<void> {
  await atRedis(stack.redis.url, async (redis) => {
    await redis.config('SET', 'repl-diskless-sync-delay', 0);
    replicas.push(await startRedis(['--replicaof', `127.0.0.1 ${stack.redis.port}`]));
    while (!(await redis.info('replication')).includes('state=online')) await sleep(20);
  });
}

it.each([
  ['is emptied', emptyRedis],
  ['gets its first replica', addReplica],
])(
  'Redis %s: revokes are slow until the log is settled, and not again after a restart of keys',
  async (_, replaceLog) => {
    await untilQuick();
    const before = await recorded();
    expect(before.isSettled).toBe(true);

    const replacedAt = performance.now();
    await replaceLog();
    while ((await recorded()).identity === before.identity) await sleep(20);
    expect((await recorded()).isSettled).toBe(false);
    const slow = await revoke();
    const slowReturnedAt = performance.now();
    while (!(await recorded()).isSettled) await sleep(50);

    const keys = stack.keys[0]?.service;
    await keys?.process.stop();
    await keys?.restart();
    const first = await revoke();
    process.stderr.write(
      `\nthe log is new: ${Math.round(slow.waitedMs)} ms; keys are new: ${Math.round(first.waitedMs)} ms, ${first.how}\n`,
    );
    expect(slowReturnedAt - replacedAt).toBeGreaterThan(CACHE_BOUND_MS);
    expect(['acknowledged', 'lease']).toContain(first.how);
    expect(first.waitedMs).toBeLessThan(5000);
  },
);
