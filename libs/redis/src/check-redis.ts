import type { Redis } from 'ioredis';
import { type Needs, describeMissing, missingRights, rightsOn } from './rights.js';

/** Hears of a Redis that is not set up as it should be: a sentence with what to do. */
export type OnSetup = (level: 'error' | 'warn', sentence: string) => void;

/**
 * Looks, at each connection, whether the user may do what is needed, and whether Redis throws away keys that must be kept.
 * Says each finding once, until it is gone.
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
    // Redis is away again: the next connection is looked at.
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

/** By INFO, which the scripts need anyway; `CONFIG GET` is a right that few users have. */
async function findEviction(redis: Redis): Promise<Findings> {
  const memory = await redis.info('memory').catch(() => '');
  const policy = /^maxmemory_policy:(allkeys-\S+)/m.exec(memory)?.[1];
  if (policy === undefined) return [];
  const sentence = `Redis has maxmemory-policy ${policy}, and throws away what revocations need when its memory is full: revoking stays right, and takes up to 11 seconds then. Set it to noeviction, or to one of the kind volatile-*.`;
  return [{ level: 'warn', sentence }];
}
