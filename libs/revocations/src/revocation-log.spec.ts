import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { type TestRedis, startRedis } from '#libs/testing';
import { InProcessLog } from './in-process-log.js';
import { RedisLog } from './redis-log.js';
import { type LookRequest, NOWHERE, type Position, type RevocationLog } from './revocation-log.js';

/** What every log must do. Run against each of them. */
function contract(open: () => Promise<{ log: RevocationLog; publisher: RevocationLog }>): void {
  let log: RevocationLog;
  /** The same log as those see it who publish. */
  let publisher: RevocationLog;
  beforeEach(async () => void ({ log, publisher } = await open()));
  afterEach(() => Promise.all([log.close(), publisher.close()]));

  const key = (id: string) => ({ kind: 'key', id }) as const;
  const renew = (instance: string, beat: number, identity: string | null, position: Position) =>
    log.renew({ instance, beat, identity, position });
  const look = (request: Partial<LookRequest> = {}) =>
    log.look({ publisher: 'p', sight: 's', look: 1, reference: null, ...request });

  it('numbers entries from 1 without gaps', async () => {
    const added = [await log.add(key('a')), await log.add(key('b')), await log.add(key('c'))];
    expect(added.map(({ number }) => number)).toEqual([1, 2, 3]);
    expect(new Set(added.map(({ identity }) => identity)).size).toBe(1);
  });

  it('gives a newcomer the position of the log, and no earlier entries', async () => {
    const { identity, ...last } = await log.add(key('a'));
    expect(await renew('g', 1, null, NOWHERE)).toEqual({ identity, isKnown: false, last, entries: [] });
  });

  it('gives a follower the entries of every kind after its position, in order', async () => {
    const { identity, ...position } = await log.add(key('a'));
    await log.add({ kind: 'owner', id: 'ada' });
    const { number, token } = await log.add({ kind: 'everything' });
    expect(await renew('g', 1, identity, position)).toEqual({
      identity,
      isKnown: true,
      last: { number, token },
      entries: [
        { number: 2, target: { kind: 'owner', id: 'ada' } },
        { number: 3, target: { kind: 'everything' } },
      ],
    });
  });

  it('gives every entry to a follower that came before the first', async () => {
    const { identity, last } = await renew('g', 1, null, NOWHERE);
    await log.add(key('a'));
    expect(await renew('g', 2, identity, last)).toMatchObject({
      isKnown: true,
      entries: [{ number: 1, target: key('a') }],
    });
  });

  it('gives a follower of another history nothing, and does not count its acknowledgments', async () => {
    const { identity, ...position } = await log.add(key('a'));
    const other = { number: 1, token: 'another' };
    for (const { from, at } of [
      { from: 'another', at: position },
      { from: identity, at: { number: 2, token: position.token } },
    ]) {
      expect(await renew('g', 1, from, at)).toMatchObject({ isKnown: false, entries: [] });
      expect(await log.members()).toEqual([{ instance: 'g', beat: 1, acknowledged: -1 }]);
    }
    await log.acknowledge('g', other);
    expect(await log.members()).toEqual([{ instance: 'g', beat: 1, acknowledged: -1 }]);
  });

  it('records beats and acknowledgments', async () => {
    const { identity, ...position } = await log.add(key('a'));
    await renew('g', 1, null, NOWHERE);
    expect(await log.members()).toEqual([{ instance: 'g', beat: 1, acknowledged: -1 }]);
    await log.acknowledge('g', position);
    expect(await log.members()).toEqual([{ instance: 'g', beat: 1, acknowledged: 1 }]);
    await renew('g', 2, identity, position);
    expect(await look()).toMatchObject({ identity, members: [{ instance: 'g', beat: 2, acknowledged: 1 }] });
  });

  it('ignores acknowledgments of a gateway that is not registered', async () => {
    const { number, token } = await log.add(key('a'));
    await log.acknowledge('gone', { number, token });
    expect(await log.members()).toEqual([]);
  });

  it('shows whether a publisher’s entry is still there', async () => {
    const { number, token } = await log.add(key('a'));
    expect((await look()).holdsOwn).toBe(false);
    expect((await look({ own: { number, token } })).holdsOwn).toBe(true);
    await log.add(key('b'));
    expect((await look({ own: { number, token } })).holdsOwn).toBe(true);
    expect((await look({ own: { number, token: 'another' } })).holdsOwn).toBe(false);
    expect((await look({ own: { number: 7, token } })).holdsOwn).toBe(false);
  });

  it('removes a gateway at its own request, and for others only if it has not renewed since', async () => {
    await renew('g', 1, null, NOWHERE);
    await renew('h', 1, null, NOWHERE);
    await renew('h', 2, null, NOWHERE);
    await log.remove('h', 1);
    expect((await log.members()).map(({ instance }) => instance).sort()).toEqual(['g', 'h']);
    await log.remove('h', 2);
    await log.remove('g');
    expect(await log.members()).toEqual([]);
    expect((await look()).members).toEqual([]);
  });

  it('calls listeners when an entry was added, until they unsubscribe', async () => {
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

  it('rings for an entry once the last of all gateways has acknowledged it, and not sooner', async () => {
    const { identity, ...before } = await log.add(key('a'));
    const { number, token } = await log.add(key('b'));
    const position = { number, token };
    const rungFor: number[] = [];
    const heard = new Promise<void>((resolve) => {
      publisher.onAcknowledged((number) => {
        rungFor.push(number);
        if (number === position.number) resolve();
      });
    });
    await renew('g', 1, identity, before);
    await renew('h', 1, identity, before);
    await log.acknowledge('g', position);
    await log.acknowledge('h', { ...position, token: 'another' });
    // What was rung for until now is heard by the time that an answer comes.
    await publisher.members();
    expect(rungFor).not.toContain(position.number);
    await log.acknowledge('h', position);
    await heard;
    expect(rungFor).toEqual([position.number]);
  });
}

describe('the log within a process', () => {
  contract(() => {
    const log = new InProcessLog();
    return Promise.resolve({ log, publisher: log });
  });
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
  const open = async (url = redis.url, as: 'follower' | 'publisher' = 'follower'): Promise<RedisLog> => {
    const onUnknown = (number: number) => unknown.push(number);
    const [ignore, doorbell] = [() => undefined, { onSilent: () => undefined, onBack: () => undefined }];
    const log = await RedisLog.connect({ url, as, onError: ignore, onUnknown, doorbell });
    opened.push(log);
    return log;
  };
  afterEach(() => Promise.all(opened.splice(0).map((log) => log.close())));

  contract(async () => {
    const publisher = await open(redis.url, 'publisher');
    while (!publisher.isDoorbellListening) await new Promise((resolve) => setTimeout(resolve, 5));
    return { log: await open(), publisher };
  });

  const member = { instance: 'g', beat: 1 };
  const opening = { publisher: 'p', sight: 's', look: 1, reference: null };
  const STATE = '{revocations}:state';
  const STREAM = '{revocations}:stream';

  it('is another log after FLUSHALL', async () => {
    const log = await open();
    const { identity, ...position } = await log.add({ kind: 'key', id: 'a' });
    await admin.flushall();
    const renewal = await log.renew({ ...member, identity, position });
    expect(renewal).toMatchObject({ isKnown: false, last: { number: 0 }, entries: [] });
    expect(renewal.identity).not.toBe(identity);
  });

  it('is another log if another server is promoted, although the data is the same', async () => {
    const log = await open();
    const { identity } = await log.add({ kind: 'key', id: 'a' });
    // A promoted replica gets a new replication ID; so does a server on this command.
    await admin.call('DEBUG', 'CHANGE-REPL-ID');
    expect((await log.look(opening)).identity).not.toBe(identity);
  });

  it('is another, empty log if any of its state is lost', async () => {
    const log = await open();
    for (const field of ['nonce', 'last', 'token', 'count', 'm:g']) {
      const { identity } = await log.add({ kind: 'key', id: 'a' });
      await log.renew({ ...member, identity: null, position: NOWHERE });
      await admin.hdel(STATE, field);
      const seen = await log.look(opening);
      expect([field, seen.identity === identity, seen.members]).toEqual([field, false, []]);
      expect(await admin.exists(STREAM)).toBe(0);
    }
  });

  it.each([
    ['a text', () => admin.set(STATE, 'x')],
    ['a list', () => admin.lpush(STREAM, 'x')],
    ['invalid numbers', () => admin.hset(STATE, 'last', 'x')],
  ])('is another log if its keys contain something else: %s', async (_, spoil) => {
    const log = await open();
    const { identity } = await log.add({ kind: 'key', id: 'a' });
    await admin.del(_ === 'a list' ? STREAM : _ === 'a text' ? STATE : 'nothing');
    await spoil();
    const added = await log.add({ kind: 'key', id: 'b' });
    expect(added.identity).not.toBe(identity);
    expect(added.number).toBe(1);
  });

  it.each(['hmget', 'xlen', 'info'])(
    'is not changed by a user that may not read it: without %s',
    async (command) => {
      const log = await open();
      const { identity } = await log.add({ kind: 'key', id: 'a' });
      await admin.acl('SETUSER', 'stranger', 'reset', 'on', 'nopass', '~*', '&*', '+@all', `-${command}`);
      const other = await open(redis.url.replace('//', '//stranger:x@'));
      await expect(other.renew({ ...member, identity, position: NOWHERE })).rejects.toThrow();
      await expect(other.look(opening)).rejects.toThrow();
      expect(await log.add({ kind: 'key', id: 'b' })).toMatchObject({ identity, number: 2 });
    },
  );

  it('continues without its stream, and knows only the last position', async () => {
    const log = await open();
    const first = await log.add({ kind: 'key', id: 'a' });
    const second = await log.add({ kind: 'key', id: 'b' });
    await admin.del(STREAM);
    const renewAt = ({ identity, ...position }: typeof first) =>
      log.renew({ ...member, identity, position }).then(({ isKnown }) => isKnown);
    expect(await renewAt(first)).toBe(false);
    expect(await renewAt(second)).toBe(true);
    expect((await log.look({ ...opening, own: first })).holdsOwn).toBe(false);
    expect(await log.add({ kind: 'key', id: 'c' })).toMatchObject({ identity: first.identity, number: 3 });
    expect(await renewAt(second)).toBe(false);
  });

  it('distinguishes a lost position from a new one of the same number, if its memory went back', async () => {
    const log = await open();
    await log.add({ kind: 'key', id: 'a' });
    const before = [await admin.dumpBuffer(STATE), await admin.dumpBuffer(STREAM)] as const;
    const lost = await log.add({ kind: 'key', id: 'b' });
    await admin.restore(STATE, 0, before[0], 'REPLACE');
    await admin.restore(STREAM, 0, before[1], 'REPLACE');
    const found = await log.add({ kind: 'key', id: 'c' });
    expect(found).toMatchObject({ identity: lost.identity, number: lost.number });
    expect((await log.look({ ...opening, own: lost })).holdsOwn).toBe(false);
    expect((await log.look({ ...opening, own: found })).holdsOwn).toBe(true);
    const { identity, ...position } = lost;
    expect((await log.renew({ ...member, identity, position })).isKnown).toBe(false);
  });

  it('can add entries after its state went back and its stream did not', async () => {
    const log = await open();
    await log.add({ kind: 'key', id: 'a' });
    const before = await admin.dumpBuffer(STATE);
    await log.add({ kind: 'key', id: 'b' });
    await log.add({ kind: 'key', id: 'c' });
    await admin.restore(STATE, 0, before, 'REPLACE');
    const { identity, ...position } = await log.add({ kind: 'key', id: 'd' });
    expect(position.number).toBe(2);
    expect(await admin.xlen(STREAM)).toBe(1);
    expect((await log.renew({ ...member, identity, position })).isKnown).toBe(true);
  });

  it('shows by a mark that its memory went back', async () => {
    const log = await open();
    expect((await log.look(opening)).isIntact).toBe(false);
    const look = (number: number, reference: number) => log.look({ ...opening, look: number, reference });
    expect((await look(2, 1)).isIntact).toBe(true);
    const before = await admin.dumpBuffer(STATE);
    expect((await look(3, 2)).isIntact).toBe(true);
    await admin.restore(STATE, 0, before, 'REPLACE');
    expect((await look(4, 3)).isIntact).toBe(false);
    expect((await look(5, 3)).isIntact).toBe(false);
    expect((await log.look({ ...opening, sight: 'another', look: 6, reference: 2 })).isIntact).toBe(false);
    expect((await look(6, 2)).isIntact).toBe(true);
  });

  it('removes the mark of a publisher that is gone, unless it has looked since', async () => {
    const log = await open();
    await log.look(opening);
    const marks = async () => (await log.look({ ...opening, publisher: 'q' })).marks;
    expect(await marks()).toContainEqual({ publisher: 'p', mark: 's 1' });
    await log.removeMark({ publisher: 'p', mark: 's 0' });
    expect(await marks()).toHaveLength(2);
    await log.removeMark({ publisher: 'p', mark: 's 1' });
    expect(await marks()).toEqual([{ publisher: 'q', mark: 's 1' }]);
  });

  it('is refused by a writable replica, which has the primary’s replication ID', async () => {
    await admin.config('SET', 'repl-diskless-sync-delay', 0);
    // Without an append-only file, the first writing of which would have to be waited for before it can be stopped.
    const follows = [
      '--replicaof',
      `127.0.0.1 ${redis.port}`,
      '--replica-read-only',
      'no',
      '--appendonly',
      'no',
    ];
    const replica = await startRedis(follows);
    const ofReplica = new Redis(replica.url);
    while (!(await ofReplica.info('replication')).includes('master_link_status:up')) await sleep(20);
    await ofReplica.set('x', 'it takes writes');
    const requests: ((log: RevocationLog) => Promise<unknown>)[] = [
      (log) => log.add({ kind: 'key', id: 'a' }),
      (log) => log.look(opening),
      (log) => log.renew({ ...member, identity: null, position: NOWHERE }),
      (log) => log.acknowledge('g', NOWHERE),
    ];
    // Each refusal closes the connection, to find the current primary.
    for (const request of requests)
      await expect(request(await open(replica.url))).rejects.toThrow('READONLY');
    ofReplica.disconnect();
    await replica.stop();
  });

  it('adds an entry without the right to ring the doorbell, and reports that', async () => {
    await admin.acl('SETUSER', 'silent', 'on', 'nopass', '~*', '+@all', 'resetchannels');
    const refused: string[] = [];
    const log = await RedisLog.connect({
      url: redis.url.replace('//', '//silent:x@'),
      as: 'publisher',
      doorbell: { onSilent: () => undefined, onBack: () => undefined },
      onError: () => undefined,
      onDoorbellRefused: (channel) => refused.push(channel),
    });
    opened.push(log);
    expect(await log.add({ kind: 'key', id: 'a' })).toMatchObject({ number: 1 });
    expect(refused).toEqual(['{revocations}:added']);
  });

  it.each([
    ['an unknown version', ['v', '2', 'kind', 'key', 'id', 'a']],
    ['an unknown kind', ['v', '1', 'kind', 'planet', 'id', 'a']],
    ['no fields of ours', ['x', 'y']],
  ])('reads an entry it does not know as "drop everything": %s', async (_, fields) => {
    const log = await open();
    const { identity, ...position } = await log.add({ kind: 'key', id: 'a' });
    await admin.hset(STATE, 'last', 2, 'token', 't');
    await admin.xadd(STREAM, '2-0', 'token', 't', ...fields);
    const { entries } = await log.renew({ ...member, identity, position });
    expect(entries).toEqual([{ number: 2, target: { kind: 'everything' } }]);
    expect(unknown).toEqual([2]);
  });

  it('rejects soon while Redis is unavailable, and recovers', async () => {
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
