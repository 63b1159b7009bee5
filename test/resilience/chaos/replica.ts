import { setTimeout as sleep } from 'node:timers/promises';
import { TcpProxy, type TestRedis, startRedis } from '#libs/testing';
import { atRedis } from './fault.js';

/** A writable replica, and the proxy between it and its primary. */
export interface WritableReplica {
  readonly redis: TestRedis;
  readonly fromPrimary: TcpProxy;
}

/**
 * Starts one before anything uses the primary: with its first replica, the primary gets another replication ID, and so
 * the log another identity. `settings` are those of the primary.
 */
export async function startReplica(
  primary: TestRedis,
  settings: readonly string[],
): Promise<WritableReplica> {
  await atRedis(primary.url, async (redis) => {
    await redis.config('SET', 'repl-diskless-sync-delay', 0);
  });
  const fromPrimary = await TcpProxy.start(primary.port);
  const follows = ['--replicaof', `127.0.0.1 ${fromPrimary.port}`, '--replica-read-only', 'no'];
  const redis = await startRedis([...settings, ...follows]);
  await atRedis(redis.url, async (replica) => {
    while (!(await replica.info('replication')).includes('master_link_status:up')) await sleep(20);
  });
  return { redis, fromPrimary };
}
