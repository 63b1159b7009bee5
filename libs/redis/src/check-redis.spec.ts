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

/** What is told once a connection has been looked at. */
async function findings(): Promise<string[]> {
  const url = server.url.replace('//', '//gateway:secret@');
  redis = await connectRedis({ url, onError: () => undefined });
  checkRedis(redis, NEEDS, (level, sentence) => told.push(`${level}: ${sentence}`));
  await sleep(300);
  return told;
}

describe('a Redis that is set up for it', () => {
  it('gives nothing to tell', async () => {
    await setUser(ALL);
    expect(await findings()).toEqual([]);
  });

  it('may be one of the default user, who may do everything', async () => {
    redis = await connectRedis({ url: server.url, onError: () => undefined });
    checkRedis(redis, NEEDS, (_, sentence) => told.push(sentence));
    await sleep(300);
    expect(told).toEqual([]);
  });
});

describe('a right that is missing', () => {
  it.each([
    ['+xadd', 'xadd log:*', '+xadd ~log:*'],
    ['+hget', 'hget log:*', '+hget ~log:*'],
    ['+eval', 'eval log:*', '+eval ~log:*'],
    ['+info', 'info', '+info'],
    ['+publish', 'publish log', '+publish &log'],
    ['+subscribe', 'subscribe log', '+subscribe &log'],
    ['~log:*', 'eval log:*, xadd log:*, hget log:*', '+eval +hget +xadd ~log:*'],
    ['&log', 'publish log, subscribe log', '+publish +subscribe &log'],
  ])('is told with how to give it, which helps: %s', async (rule, what, cure) => {
    await setUser(ALL.filter((one) => one !== rule));
    expect(await findings()).toEqual([
      `error: The Redis user gateway lacks rights that revocations need (${what}): run ACL SETUSER gateway ${cure}, or see "Users of Redis" in docs/operations.md.`,
    ]);
    await admin.call('ACL', 'SETUSER', 'gateway', ...cure.split(' '));
    told = [];
    redis?.disconnect();
    expect(await findings()).toEqual([]);
  });

  it('is told once, however often the connection is made, and once more when it is missing again', async () => {
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

describe('a policy for a full memory', () => {
  it.each(['allkeys-lru', 'allkeys-random'])(
    'is warned of when it takes keys that must be kept: %s',
    async (policy) => {
      await setUser(ALL);
      await admin.config('SET', 'maxmemory-policy', policy);
      expect(await findings()).toEqual([
        expect.stringMatching(`^warn: Redis has maxmemory-policy ${policy}, .*noeviction`),
      ]);
    },
  );

  it.each(['noeviction', 'volatile-lru'])('is not warned of otherwise: %s', async (policy) => {
    await setUser(ALL);
    await admin.config('SET', 'maxmemory-policy', policy);
    expect(await findings()).toEqual([]);
  });
});
