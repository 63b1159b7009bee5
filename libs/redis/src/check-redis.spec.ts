import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { type TestRedis, startRedis } from '#libs/testing';
import { checkRedis } from './check-redis.js';
import { connectRedis } from './connect-redis.js';
import { type Needs, aclRules, rightsOn } from './rights.js';

const NEEDS: Needs = {
  use: 'revocations',
  keepsKeys: true,
  rights: [
    ...rightsOn({ key: 'log:*' }, ['eval return 1 KEY', 'xadd KEY * f v', 'hget KEY f']),
    ...rightsOn({ channel: 'log' }, ['publish CHANNEL 1', 'subscribe CHANNEL']),
    ...rightsOn({}, ['info']),
  ],
};

let server: TestRedis;
let admin: Redis;
beforeAll(async () => {
  server = await startRedis();
  admin = new Redis(server.url);
});
afterAll(async () => {
  admin.disconnect();
  await server.stop();
});

let redis: Redis | undefined;
let told: string[];
beforeEach(() => void (told = []));
afterEach(async () => {
  redis?.disconnect();
  await admin.config('SET', 'maxmemory-policy', 'noeviction');
});

const ALL = aclRules(NEEDS.rights);

async function setUser(rules: readonly string[]): Promise<void> {
  await admin.call('ACL', 'SETUSER', 'gateway', 'reset', 'on', '>secret', ...rules);
}

/** The findings of the next check. */
async function findings(): Promise<string[]> {
  const url = server.url.replace('//', '//gateway:secret@');
  redis = await connectRedis({ url, onError: () => undefined });
  checkRedis(redis, NEEDS, (level, sentence) => told.push(`${level}: ${sentence}`));
  await sleep(300);
  return told;
}

describe('a Redis that is configured correctly', () => {
  it('causes no finding', async () => {
    await setUser(ALL);
    expect(await findings()).toEqual([]);
  });

  it('may be used by the default user, who has all rights', async () => {
    redis = await connectRedis({ url: server.url, onError: () => undefined });
    checkRedis(redis, NEEDS, (_, sentence) => told.push(sentence));
    await sleep(300);
    expect(told).toEqual([]);
  });
});

describe('a missing right', () => {
  it.each([
    ['+xadd', 'xadd log:*', '+xadd ~log:*'],
    ['+hget', 'hget log:*', '+hget ~log:*'],
    ['+eval', 'eval log:*', '+eval ~log:*'],
    ['+info', 'info', '+info'],
    ['+publish', 'publish log', '+publish &log'],
    ['+subscribe', 'subscribe log', '+subscribe &log'],
    ['~log:*', 'eval log:*, xadd log:*, hget log:*', '+eval +hget +xadd ~log:*'],
    ['&log', 'publish log, subscribe log', '+publish +subscribe &log'],
  ])('is reported with a command that grants it: %s', async (rule, what, cure) => {
    await setUser(ALL.filter((one) => one !== rule));
    expect(await findings()).toEqual([
      `error: The Redis user gateway lacks rights that revocations need (${what}): run ACL SETUSER gateway ${cure}, or see "Users of Redis" in docs/operations.md.`,
    ]);
    await admin.call('ACL', 'SETUSER', 'gateway', ...cure.split(' '));
    told = [];
    redis?.disconnect();
    expect(await findings()).toEqual([]);
  });

  it('is reported once, however often the connection is made, and once more if it is missing again', async () => {
    const reconnect = async (): Promise<void> => {
      await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await sleep(500);
    };
    const without = ALL.filter((one) => one !== '+xadd');
    await setUser(without);
    await findings();
    await reconnect();
    expect(told).toHaveLength(1);
    await setUser(ALL);
    await reconnect();
    await setUser(without);
    await reconnect();
    expect(told).toHaveLength(2);
  });
});

describe('an eviction policy', () => {
  it.each(['allkeys-lru', 'allkeys-random'])(
    'causes a warning if it may evict keys that must stay: %s',
    async (policy) => {
      await setUser(ALL);
      await admin.config('SET', 'maxmemory-policy', policy);
      expect(await findings()).toEqual([
        expect.stringMatching(`^warn: Redis has maxmemory-policy ${policy}, .*noeviction`),
      ]);
    },
  );

  it.each(['noeviction', 'volatile-lru'])('causes no warning otherwise: %s', async (policy) => {
    await setUser(ALL);
    await admin.config('SET', 'maxmemory-policy', policy);
    expect(await findings()).toEqual([]);
  });
});
