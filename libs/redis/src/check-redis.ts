import type { Redis } from 'ioredis';
import { type Needs, describeMissing, missingRights, rightsOn } from './rights.js';

/** Called if Redis is not configured as it should be, with a sentence that says what to do. */
export type OnSetup = (level: 'error' | 'warn', sentence: string) => void;

/**
 * Checks, for each connection, whether the user has the permissions it needs, and whether Redis may evict keys that must
 * stay. Reports each finding once, until it is resolved.
 */
export function checkRedis(redis: Redis, needs: Needs, onSetup: OnSetup): void {
  const told = new Set<string>();
  const check = async (): Promise<void> => {
    const findings = [
      ...(await findMissing(redis, needs)),
      ...(needs.keepsKeys === true ? await findEviction(redis) : []),
    ];
    for (const { level, sentence } of findings) if (!told.has(sentence)) onSetup(level, sentence);
    told.clear();
    for (const { sentence } of findings) told.add(sentence);
  };
  const checkNow = (): void => {
    // Redis is unavailable again: the next connection is checked.
    check().catch(() => undefined);
  };
  if (redis.status === 'ready') checkNow();
  redis.on('ready', checkNow);
}

type Findings = readonly { readonly level: 'error' | 'warn'; readonly sentence: string }[];

async function findMissing(redis: Redis, { use, rights }: Needs): Promise<Findings> {
  const { username: user = '', db = 0 } = redis.options;
  const toSelect = db === 0 ? [] : rightsOn({}, [`select ${db}`]);
  const lacking = await missingRights(redis, [...rights, ...toSelect]);
  if (lacking.length === 0) return [];
  return [{ level: 'error', sentence: describeMissing(user === '' ? 'default' : user, use, lacking) }];
}

/** By INFO, which the scripts need anyway; few users have the right to `CONFIG GET`. */
async function findEviction(redis: Redis): Promise<Findings> {
  const memory = await redis.info('memory').catch(() => '');
  const policy = /^maxmemory_policy:(allkeys-\S+)/m.exec(memory)?.[1];
  if (policy === undefined) return [];
  const sentence = `Redis has maxmemory-policy ${policy}, so it evicts data that revocations need when its memory is full: revoking stays correct, but then takes up to 11 seconds. Set it to noeviction, or to a volatile-* policy.`;
  return [{ level: 'warn', sentence }];
}
