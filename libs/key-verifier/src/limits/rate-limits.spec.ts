import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { connectRedis } from '#libs/redis';
import { TcpProxy, type TestRedis, startRedis } from '#libs/testing';
import { InProcessRateLimits } from './in-process-rate-limits.js';
import type { RateLimitResult, RateLimits } from './rate-limits.js';
import { RedisRateLimits } from './redis-rate-limits.js';

let now: number;
const clock = (): number => now;

/** What every implementation must do. */
function contract(open: () => Promise<RateLimits>, endWindow: (keyId: string) => Promise<void>): void {
  let limits: RateLimits;
  beforeEach(async () => void (limits = await open()));
  afterEach(() => limits.close());

  const count = (times: number, keyId = 'a', perMinute = 3): Promise<RateLimitResult[]> =>
    Promise.all(Array.from({ length: times }, () => limits.count(keyId, perMinute)));

  it('allows as many requests as the limit, and says how many are left', async () => {
    const within = { allowed: true, quota: 3, resetSeconds: 60 };
    expect(await count(5)).toEqual([
      { ...within, remaining: 2 },
      { ...within, remaining: 1 },
      { ...within, remaining: 0 },
      { ...within, allowed: false, remaining: 0 },
      { ...within, allowed: false, remaining: 0 },
    ]);
    expect(await count(1)).toMatchObject([{ allowed: false, remaining: 0, resetSeconds: 60 }]);
  });

  it('allows them one after the other, too', async () => {
    const left = [];
    for (let i = 0; i < 4; i++) left.push(...(await count(1)));
    expect(left.map(({ allowed, remaining }) => [allowed, remaining])).toEqual([
      [true, 2],
      [true, 1],
      [true, 0],
      [false, 0],
    ]);
  });

  it('counts each key separately', async () => {
    await count(4, 'a');
    expect(await count(1, 'b')).toMatchObject([{ allowed: true, remaining: 2 }]);
  });

  it('holds each key to its own limit', async () => {
    expect((await count(10, 'a', 1)).filter(({ allowed }) => allowed)).toHaveLength(1);
    expect((await count(10, 'b', 7)).filter(({ allowed }) => allowed)).toHaveLength(7);
  });

  it('begins again when the window is over, and not before', async () => {
    await count(4);
    now += 59_000;
    expect(await count(1)).toMatchObject([{ allowed: false }]);
    now += 1000;
    await endWindow('a');
    expect(await count(1)).toMatchObject([{ allowed: true, remaining: 2, resetSeconds: 60 }]);
  });
}

beforeEach(() => void (now = 0));

describe('limits within a process', () => {
  contract(
    () => Promise.resolve(new InProcessRateLimits({ now: clock })),
    () => Promise.resolve(),
  );

  it('say how many seconds are left, rounded up', async () => {
    const limits = new InProcessRateLimits({ now: clock });
    await limits.count('a', 1);
    now = 42_001;
    expect(await limits.count('a', 1)).toMatchObject({ resetSeconds: 18 });
    now = 59_999;
    expect(await limits.count('a', 1)).toMatchObject({ resetSeconds: 1 });
  });
});

describe('limits in Redis', () => {
  let redis: TestRedis;
  let network: TcpProxy;
  let admin: Redis;
  let outages: number;
  const opened: RateLimits[] = [];
  beforeAll(async () => {
    redis = await startRedis();
    network = await TcpProxy.start(redis.port);
    admin = new Redis(redis.url);
  });
  beforeEach(async () => {
    outages = 0;
    await admin.flushall();
  });
  afterEach(() => Promise.all(opened.splice(0).map((limits) => limits.close())));
  afterAll(async () => {
    admin.disconnect();
    await network.stop();
    await redis.stop();
  });

  async function open(sharers = 1): Promise<RedisRateLimits> {
    const limits = new RedisRateLimits({
      redis: await connectRedis({ url: network.redisUrl, onError: () => undefined }),
      now: clock,
      instanceCount: () => sharers,
      onOutage: () => outages++,
    });
    opened.push(limits);
    return limits;
  }

  async function commands(): Promise<number> {
    const [, calls = 'none'] = /total_commands_processed:(\d+)/.exec(await admin.info('stats')) ?? [];
    return Number(calls);
  }

  /** Counts so many requests at the same time, and returns how many were allowed. */
  async function passed(limits: RateLimits, times: number, perMinute = 60): Promise<number> {
    const counted = await Promise.all(Array.from({ length: times }, () => limits.count('a', perMinute)));
    return counted.filter(({ allowed }) => allowed).length;
  }

  // As Redis's clock does after a minute.
  contract(open, async (keyId) => {
    await admin.del(`rate-limit:${keyId}`);
  });

  it('end by Redis’s clock, a minute after the first request', async () => {
    const limits = await open();
    await limits.count('a', 60);
    expect(await admin.pttl('rate-limit:a')).toBeGreaterThan(59_000);
    await admin.pexpire('rate-limit:a', 41_500);
    expect(await limits.count('a', 60)).toMatchObject({ resetSeconds: 42 });
    expect(await admin.pttl('rate-limit:a')).toBeLessThanOrEqual(41_500);
  });

  it('are exact across several processes', async () => {
    const all = await Promise.all([open(), open(), open()]);
    const each = await Promise.all(all.map((limits) => passed(limits, 50)));
    expect(each.reduce((sum, one) => sum + one, 0)).toBe(60);
  });

  it('cost Redis nothing once they are reached', async () => {
    const limits = await open();
    await passed(limits, 60);
    const before = await commands();
    expect(await passed(limits, 1000)).toBe(0);
    expect(await commands()).toBe(before + 1); // the one that gets this number
  });

  it('restart a window that has lost its expiry', async () => {
    const limits = await open();
    await limits.count('a', 60);
    await admin.persist('rate-limit:a');
    expect(await limits.count('a', 60)).toMatchObject({ remaining: 58, resetSeconds: 60 });
    expect(await admin.ttl('rate-limit:a')).toBe(60);
  });

  it.each([
    [1, 60],
    [3, 20],
    [7, 9],
    [100, 1],
    [0, 60],
  ])('are divided while Redis is unavailable: among %i gateways, %i each', async (sharers, share) => {
    const limits = await open(sharers);
    network.cut();
    expect(await passed(limits, 100)).toBe(share);
    expect(await limits.count('a', 60)).toMatchObject({ allowed: false, quota: share, resetSeconds: 60 });
    expect(outages).toBe(1);
    network.mend();
  });

  it('wait for a silent Redis at most once a second, and never for long', async () => {
    const limits = await open();
    await limits.count('a', 60);
    await admin.client('PAUSE', 20_000, 'WRITE');
    const beganAt = performance.now();
    expect(await passed(limits, 100, 10)).toBe(10);
    expect(performance.now() - beganAt).toBeLessThan(2000);
    const before = network.bytes;
    now += 999;
    expect(await passed(limits, 100, 10)).toBe(0);
    expect(network.bytes).toBe(before);
    await admin.client('UNPAUSE');
  });

  it('are exact again once Redis is back', async () => {
    const limits = await open(3);
    network.cut();
    expect(await passed(limits, 30)).toBe(20);
    network.mend();
    for (let isExact = false; !isExact;) {
      now += 1000;
      isExact = (await limits.count('b', 60)).quota === 60;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await passed(limits, 100)).toBe(60);
    expect(outages).toBe(1);
  });
});
