import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Redis } from 'ioredis';
import { type TestRedis, startRedis } from '#libs/testing';
import { connectRedis } from './connect-redis.js';

let server: TestRedis;
let redis: Redis;
/** How many writes the connection had, in one piece or in several. */
let writes: () => number;
beforeEach(async () => {
  server = await startRedis();
  redis = await connectRedis({ url: server.url, onError: () => undefined });
  // eslint-disable-next-line @typescript-eslint/consistent-type-assertions -- sockets have both
  const stream = redis.stream as Required<typeof redis.stream>;
  const spies = [jest.spyOn(stream, '_write'), jest.spyOn(stream, '_writev')];
  writes = () => spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
});
afterEach(async () => {
  redis.disconnect();
  await server.stop();
});

/** The answers to so many INCR commands of one turn. */
function counted(times: number): Promise<number[]> {
  return Promise.all(Array.from({ length: times }, () => redis.incr('count')));
}

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe('a connection to Redis', () => {
  it('sends the commands of one turn in one write, and answers each in order', async () => {
    const answers = counted(20);
    expect(writes()).toBe(0);
    expect(await answers).toEqual(numbers(1, 20));
    expect(writes()).toBe(1);
  });

  it('sends up to thirty-two at a time, at once', async () => {
    const answers = counted(64);
    expect(writes()).toBe(2);
    expect(await answers).toEqual(numbers(1, 64));
    expect(writes()).toBe(2);
  });

  it('keeps the order of commands and pipelines', async () => {
    const before = redis.incr('count');
    const pipeline = redis.pipeline().incr('count').incr('count').exec();
    const after = redis.incr('count');
    expect(await before).toBe(1);
    expect(await pipeline).toEqual([
      [null, 2],
      [null, 3],
    ]);
    expect(await after).toBe(4);
  });

  it('sends pending commands before it quits', async () => {
    const answers = counted(3);
    await redis.quit();
    expect(await answers).toEqual([1, 2, 3]);
  });

  it('fails pending commands when the connection is lost, and continues with the next one', async () => {
    const lost = counted(3);
    redis.stream.destroy();
    await expect(lost).rejects.toThrow();
    while (redis.status !== 'ready') await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await counted(2)).toEqual([1, 2]);
  });
});
