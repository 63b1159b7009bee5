import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { DEFAULT_TIMINGS } from '#libs/revocations';
import { CACHE_BOUND_MS, type Fault, LEASE_BOUND_MS, atRedis, withLateGateway } from './fault.js';

/** Redis loses part of its memory, or its memory goes back. A gateway is late meanwhile. */
export function memoryFaults({ long }: { long: boolean }): Record<'full' | 'keys' | 'back', Fault[]> {
  const ms = long ? 10_000 : 1500;
  return {
    full: [
      atLog('Redis is full, under allkeys-lru', (redis) => fill(redis, 'allkeys-lru', ms)),
      atLog('Redis is full, under allkeys-random', (redis) => fill(redis, 'allkeys-random', ms)),
      // The log does not expire, so it is not evicted here.
      atLog('Redis is full, under volatile-lru', (redis) => fill(redis, 'volatile-lru', ms), LEASE_BOUND_MS),
      atLog('Redis is full, under noeviction', (redis) => fill(redis, 'noeviction', ms)),
    ],
    keys: [
      atLog('keys of the log are deleted', (redis) =>
        forEachKey(redis, ms, async (key) => {
          await redis.del(key);
          await sleep(120);
        }),
      ),
      atLog('fields of the log are deleted', (redis) =>
        forEachKey(redis, ms, (key) => deleteFields(redis, key)),
      ),
      atLog('keys of the log are renamed, and back', (redis) =>
        forEachKey(redis, ms, (key) => renameAndBack(redis, key)),
      ),
      atLog('the log is trimmed', (redis) =>
        forEachKey(redis, ms, async (key) => {
          if ((await redis.type(key)) === 'stream') await redis.xtrim(key, 'MAXLEN', 0);
          await sleep(100);
        }),
      ),
    ],
    back: long
      ? [
          atLog('Redis goes back to what it has saved', (redis) => goBack(redis, everything(12))),
          atLog('keys of the log are restored from older copies', (redis) => goBack(redis, eachKey)),
        ]
      : [atLog('the memory of Redis goes back', (redis) => goBack(redis, everything(3), eachKey))],
  };
}

/** Longer ago than publishers' last look: newer memory is assumed not to come back (decision 4). */
const OLD_MS = DEFAULT_TIMINGS.sightMs + 1500;

function atLog(name: string, work: (redis: Redis) => Promise<void>, boundMs = CACHE_BOUND_MS): Fault {
  return withLateGateway({ name, boundMs, happen: ({ stack }) => atRedis(stack.redis.url, work) });
}

/** All of them, sorted; waits for those that were just lost, and come back with the next entry. */
async function keysOfLog(redis: Redis): Promise<string[]> {
  for (;;) {
    const keys = await redis.keys('{revocations}:*');
    if (keys.length > 1) return keys.sort();
    await sleep(20);
  }
}

/** Repeatedly with one key, and then with the next. */
async function forEachKey(redis: Redis, ms: number, work: (key: string) => Promise<void>): Promise<void> {
  const keys = await keysOfLog(redis);
  for (const key of keys) {
    for (const until = performance.now() + ms / keys.length; performance.now() < until;) {
      await work(key);
      await sleep(20);
    }
  }
}

async function deleteFields(redis: Redis, key: string): Promise<void> {
  if ((await redis.type(key)) !== 'hash') return;
  for (const field of await redis.hkeys(key)) {
    await redis.hdel(key, field);
    await sleep(60);
  }
}

const RENAME_IF_THERE = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('RENAME', KEYS[1], KEYS[2])
return 1
`;

async function renameAndBack(redis: Redis, key: string): Promise<void> {
  if ((await redis.eval(RENAME_IF_THERE, 2, key, 'aside')) === 0) return;
  await sleep(400);
  await redis.rename('aside', key);
  await sleep(200);
}

/** Saves what Redis has in memory, and returns a function that restores it. */
type Remember = (redis: Redis) => Promise<() => Promise<void>>;

async function goBack(redis: Redis, ...ways: readonly Remember[]): Promise<void> {
  const comeBack: (() => Promise<void>)[] = [];
  for (const remember of ways) comeBack.push(await remember(redis));
  await sleep(OLD_MS);
  for (const back of comeBack) await back();
}

/** All of it, repeatedly; also while what the previous time has lost has not come back. */
function everything(times: number): Remember {
  return async (redis) => {
    await redis.save();
    return async () => {
      for (let i = 0; i < times; i++) {
        await redis.call('DEBUG', 'RELOAD', 'NOSAVE');
        await sleep(i % 2 === 0 ? LEASE_BOUND_MS + 300 : 300);
      }
    };
  };
}

/** The keys of the log, one after the other, twice. */
const eachKey: Remember = async (redis) => {
  const copies = new Map<string, Buffer>();
  for (const key of await keysOfLog(redis)) copies.set(key, await redis.dumpBuffer(key));
  return async () => {
    for (const [key, copy] of [...copies, ...copies]) {
      await redis.restore(key, 0, copy, 'REPLACE');
      await sleep(300);
    }
  };
};

/** How much more memory than now Redis may use, in bytes: the log is one of some 70 keys then. */
const ROOM = 300_000;
const FILLER = 'x'.repeat(4096);

/** Fills Redis, and keeps writing to it. Rejects if Redis did not behave as it does when full. */
async function fill(redis: Redis, policy: string, ms: number): Promise<void> {
  const evictedBefore = await numberIn(redis, 'stats', 'evicted_keys');
  const used = await numberIn(redis, 'memory', 'used_memory');
  await redis.config('SET', 'maxmemory-policy', policy, 'maxmemory', used + ROOM);
  let refused = 0;
  let fillers = 0;
  for (const until = performance.now() + ms; performance.now() < until;) {
    const writes = redis.pipeline();
    for (let i = 0; i < 4; i++) writes.set(`filler:${fillers++}`, FILLER, 'EX', 60);
    for (const [err] of (await writes.exec()) ?? []) {
      if (err !== null && !err.message.startsWith('OOM')) throw err;
      if (err !== null) refused++;
    }
    await sleep(10);
  }
  const evicted = (await numberIn(redis, 'stats', 'evicted_keys')) - evictedBefore;
  await redis.config('SET', 'maxmemory-policy', 'noeviction', 'maxmemory', 0);
  for (const key of await redis.keys('filler:*')) await redis.del(key);
  if ((policy === 'noeviction' ? refused : evicted) === 0) throw new Error(`Redis was not full: ${policy}`);
}

async function numberIn(redis: Redis, section: string, name: string): Promise<number> {
  return Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(await redis.info(section))?.[1]);
}
