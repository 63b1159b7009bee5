import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { type TestRedis, startRedis } from '#libs/testing';
import { InProcessLog } from './in-process-log.js';
import { RedisLog } from './redis-log.js';
import type { RevocationLog } from './revocation-log.js';

/** What every log must do. Run against each of them. */
function contract(open: () => Promise<RevocationLog>): void {
  let log: RevocationLog;
  beforeEach(async () => void (log = await open()));
  afterEach(() => log.close());

  const key = (id: string) => ({ kind: 'key', id }) as const;

  it('numbers entries from 1 without a gap', async () => {
    const added = [await log.add(key('a')), await log.add(key('b')), await log.add(key('c'))];
    expect(added.map(({ number }) => number)).toEqual([1, 2, 3]);
    expect(new Set(added.map(({ identity }) => identity)).size).toBe(1);
  });

  it('tells a newcomer where the log is, and nothing of what was before', async () => {
    const { identity } = await log.add(key('a'));
    expect(await log.renew({ instance: 'g', identity: null, position: 0 })).toEqual({
      identity,
      last: 1,
      entries: [],
    });
  });

  it('hands a follower what was added after its position, in order, of every kind', async () => {
    const { identity } = await log.add(key('a'));
    await log.add({ kind: 'owner', id: 'ada' });
    await log.add({ kind: 'everything' });
    const renewal = await log.renew({ instance: 'g', identity, position: 1 });
    expect(renewal).toEqual({
      identity,
      last: 3,
      entries: [
        { number: 2, target: { kind: 'owner', id: 'ada' } },
        { number: 3, target: { kind: 'everything' } },
      ],
    });
  });

  it('hands a follower of another history nothing, and takes nothing as acknowledged by it', async () => {
    await log.add(key('a'));
    const renewal = await log.renew({ instance: 'g', identity: 'another', position: 1 });
    expect(renewal.entries).toEqual([]);
    await log.acknowledge({ instance: 'g', identity: 'another', position: 1 });
    expect((await log.members()).members).toEqual([{ instance: 'g', renewals: 1, acknowledged: -1 }]);
  });

  it('counts renewals, and notes what is acknowledged', async () => {
    const { identity } = await log.add(key('a'));
    await log.renew({ instance: 'g', identity: null, position: 0 });
    expect((await log.members()).members).toEqual([{ instance: 'g', renewals: 1, acknowledged: -1 }]);
    await log.acknowledge({ instance: 'g', identity, position: 1 });
    expect((await log.members()).members).toEqual([{ instance: 'g', renewals: 1, acknowledged: 1 }]);
    await log.renew({ instance: 'g', identity, position: 1 });
    expect(await log.members()).toEqual({
      identity,
      members: [{ instance: 'g', renewals: 2, acknowledged: 1 }],
    });
  });

  it('takes no acknowledgement from a gateway that is not registered', async () => {
    const { identity } = await log.add(key('a'));
    await log.acknowledge({ instance: 'gone', identity, position: 1 });
    expect((await log.members()).members).toEqual([]);
  });

  it('removes a gateway at its own request, and for others only while it has not renewed', async () => {
    await log.renew({ instance: 'g', identity: null, position: 0 });
    await log.renew({ instance: 'h', identity: null, position: 0 });
    await log.renew({ instance: 'h', identity: null, position: 0 });
    await log.remove('h', 1);
    expect((await log.members()).members.map(({ instance }) => instance).sort()).toEqual(['g', 'h']);
    await log.remove('h', 2);
    await log.remove('g');
    expect((await log.members()).members).toEqual([]);
  });

  it('rings when something was added, until nobody listens', async () => {
    let rings = 0;
    let heard: () => void = () => undefined;
    const ringing = new Promise<void>((resolve) => (heard = resolve));
    const stop = log.onAdded(() => {
      rings++;
      heard();
    });
    for (let i = 0; rings === 0 && i < 200; i++) {
      await log.add(key(String(i)));
      await Promise.race([ringing, new Promise((resolve) => setTimeout(resolve, 20))]);
    }
    expect(rings).toBeGreaterThan(0);
    stop();
  });
}

describe('the log within a process', () => {
  contract(() => Promise.resolve(new InProcessLog()));
});

describe('the log in Redis', () => {
  let redis: TestRedis;
  let admin: Redis;
  beforeAll(async () => {
    redis = await startRedis();
    admin = new Redis(redis.url);
  });
  beforeEach(async () => {
    await admin.flushall();
  });
  afterAll(async () => {
    admin.disconnect();
    await redis.stop();
  });
  const unknown: number[] = [];
  beforeEach(() => void unknown.splice(0));
  const opened: RedisLog[] = [];
  const open = async (url = redis.url): Promise<RedisLog> => {
    const onUnknown = (number: number) => unknown.push(number);
    const log = await RedisLog.connect({ url, onError: () => undefined, onUnknown });
    opened.push(log);
    return log;
  };
  afterEach(() => Promise.all(opened.splice(0).map((log) => log.close())));

  contract(() => open());

  it('is another log after FLUSHALL', async () => {
    const log = await open();
    const { identity } = await log.add({ kind: 'key', id: 'a' });
    await admin.flushall();
    const renewal = await log.renew({ instance: 'g', identity, position: 1 });
    expect(renewal).toMatchObject({ last: 0, entries: [] });
    expect(renewal.identity).not.toBe(identity);
  });

  it('is another log when another server is promoted, though the data is the same', async () => {
    const log = await open();
    const { identity } = await log.add({ kind: 'key', id: 'a' });
    // A replica that is promoted gets a new replication id; so does a server that is told so.
    await admin.call('DEBUG', 'CHANGE-REPL-ID');
    expect((await log.members()).identity).not.toBe(identity);
  });

  it.each([
    ['an unknown version', ['v', '2', 'kind', 'key', 'id', 'a']],
    ['an unknown kind', ['v', '1', 'kind', 'planet', 'id', 'a']],
    ['no fields of ours', ['x', 'y']],
  ])('reads an entry it does not know as "drop everything": %s', async (_, fields) => {
    const log = await open();
    const { identity } = await log.add({ kind: 'key', id: 'a' });
    await admin.incr('{revocations}:last');
    await admin.xadd('{revocations}:entries', '2-0', ...fields);
    const { entries } = await log.renew({ instance: 'g', identity, position: 1 });
    expect(entries).toEqual([{ number: 2, target: { kind: 'everything' } }]);
    expect(unknown).toEqual([2]);
  });

  it('rejects soon when Redis is away, and works again when it is back', async () => {
    const other = await startRedis();
    const log = await open(other.url);
    await log.add({ kind: 'key', id: 'a' });
    await other.kill();
    await expect(log.add({ kind: 'key', id: 'b' })).rejects.toThrow();
    await other.restartEmpty();
    for (let isBack = false; !isBack;) {
      isBack = await log.add({ kind: 'key', id: 'c' }).then(
        () => true,
        () => false,
      );
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await other.stop();
  });
});
