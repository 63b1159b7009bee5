import { setTimeout as sleep } from 'node:timers/promises';
import { TcpProxy } from '#libs/testing';
import { CaseServer } from '../case-server.js';
import { forgedKeys } from '../cases.js';
import { loadClosed } from '../load/closed-loop.js';
import { SERVER_CORE } from '../machine.js';
import { tokenFile } from '../tokens.js';
import type { World } from '../world.js';

/** What a gateway sends while it refuses forged keys, and in the same time while it gets no requests. */
export interface Messages {
  readonly requests: number;
  /** Bytes to keys, the only way to the database. */
  readonly toKeys: number;
  /** Bytes to Redis, where it follows revocations all the time. */
  readonly toRedis: number;
  readonly toRedisWhenIdle: number;
}

export async function measureMessages(world: World, seconds: number): Promise<Messages> {
  const keys = await TcpProxy.start(world.keys.verifyPort);
  const redis = await TcpProxy.start(world.redis.port);
  const env = { ...world.env, KEYS_VERIFY_URL: `tcp://127.0.0.1:${keys.port}`, REDIS_URL: redis.redisUrl };
  const { process, url } = await CaseServer.start('guarded', env, SERVER_CORE);
  await sleep(1000); // until connections are made
  const idle = redis.bytes;
  await sleep(seconds * 1000);
  const before = { keys: keys.bytes, redis: redis.bytes };
  const { requestsPerSecond } = await loadClosed({
    pid: process.pid,
    url: `${url}/answer`,
    tokens: tokenFile(forgedKeys(10_000)),
    connections: 64,
    seconds,
  });
  const messages = {
    requests: Math.round(requestsPerSecond * seconds),
    toKeys: keys.bytes - before.keys,
    toRedis: redis.bytes - before.redis,
    toRedisWhenIdle: before.redis - idle,
  };
  await process.stop();
  await Promise.all([keys.stop(), redis.stop()]);
  return messages;
}
