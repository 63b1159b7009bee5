import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { TcpProxy, type TestRedis, startRedis, until } from '#libs/testing';
import { Doorbell } from './doorbell.js';

const CHANNEL = '{revocations}:added';

let server: TestRedis;
let admin: Redis;
let proxy: TcpProxy;
let doorbell: Doorbell;
let rings: number;
/** What was reported about the doorbell. */
let told: string[];
beforeEach(async () => {
  server = await startRedis();
  admin = new Redis(server.url);
  await admin.call('ACL', 'SETUSER', 'gateway', 'on', '>secret', '+@all', '~*', `&${CHANNEL}`);
  proxy = await TcpProxy.start(server.port);
  [rings, told] = [0, []];
  doorbell = await Doorbell.connect(
    { url: proxy.redisUrl.replace('//', '//gateway:secret@') },
    {
      channel: CHANNEL,
      onSilent: (err) => told.push(err instanceof Error ? err.message : String(err)),
      onBack: () => told.push('back'),
      everyMs: 300,
      silenceMs: 500,
    },
  );
  doorbell.onRing(() => rings++);
  await until(() => doorbell.isListening);
});
afterEach(async () => {
  doorbell.close();
  admin.disconnect();
  await proxy.stop();
  await server.stop();
});

/** Rings, and waits for it. */
async function ringOnce(): Promise<void> {
  const before = rings;
  expect(await admin.publish(CHANNEL, '1')).toBeGreaterThan(0);
  await until(() => rings > before);
}

describe('a doorbell', () => {
  it('rings at each message', async () => {
    await ringOnce();
    await sleep(1000); // some checks
    await ringOnce();
    expect(told).toEqual([]);
  });

  it('rings again after its connection was lost, and once for what it may have missed', async () => {
    const before = rings;
    await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await until(() => rings > before);
    await until(() => doorbell.isListening);
    await ringOnce();
  });

  it('reports a missing right once, and rings again when it is granted', async () => {
    await admin.call('ACL', 'SETUSER', 'gateway', 'resetchannels');
    await until(() => told.length > 0);
    expect(doorbell.isListening).toBe(false);
    await sleep(1000);
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await sleep(1000);
    expect(told).toEqual([expect.stringMatching(/^NOPERM .*channel/)]);

    await admin.call('ACL', 'SETUSER', 'gateway', `&${CHANNEL}`);
    await until(() => doorbell.isListening);
    await ringOnce();
    expect(told).toEqual([expect.stringContaining('NOPERM'), 'back']);
  });

  it('notices a dead connection that nobody has closed', async () => {
    proxy.silence();
    await until(() => !doorbell.isListening);
    await until(() => doorbell.isListening);
    await ringOnce();
  });

  it('reports an outage of Redis once, and rings again when it is over', async () => {
    await server.kill();
    await until(() => told.length > 0);
    expect(doorbell.isListening).toBe(false);
    await sleep(1000);
    expect(told).toHaveLength(1);
    await server.restartEmpty();
    await until(() => admin.status === 'ready');
    await admin.call('ACL', 'SETUSER', 'gateway', 'on', '>secret', '+@all', '~*', `&${CHANNEL}`);
    await until(() => doorbell.isListening);
    await ringOnce();
    expect(told.at(-1)).toBe('back');
  });
});
