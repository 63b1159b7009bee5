import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Test, type TestingModule } from '@nestjs/testing';
import { Registry } from 'prom-client';
import type { DataSource } from 'typeorm';
import { systemClock } from '#libs/clock';
import { findKeyId, keyIdToUuid } from '#libs/key-format';
import { RedisLog } from '#libs/revocations';
import { readSettings } from '#libs/settings';
import { Stack, call } from '#libs/testing';
import { DatabaseLease } from '../../apps/keys/src/database/database-lease.js';
import { openDatabase } from '../../apps/keys/src/database/open-database.js';
import { WALL_CLOCK } from '../../apps/keys/src/database/wall-clock.js';
import { KeysAppModule } from '../../apps/keys/src/keys.app.module.js';
import { keysSettings } from '../../apps/keys/src/keys-settings.js';
import { RecordUses } from '../../apps/keys/src/keys/record-uses.js';
import { AnnounceUnused } from '../../apps/keys/src/lifetimes/announce-unused.js';
import { RevokeUnused } from '../../apps/keys/src/lifetimes/revoke-unused.js';
import { RedisVerdicts } from '../../apps/keys/src/secrets/redis-verdicts.js';

const DAY_MS = 86_400_000;
const IDLE_DAYS = 60;

let stack: Stack;
let now = new Date();
/** Another replica of keys beside that of the stack, whose clock the test moves. */
let replica: TestingModule;
let database: DataSource;
let log: RedisLog;
let verdicts: RedisVerdicts;
beforeAll(async () => {
  stack = await Stack.start({ gateways: 2 });
  const settings = readSettings(keysSettings, { ...stack.env, DATABASE_URL: stack.database.url });
  database = await openDatabase({ url: settings.DATABASE_URL, poolSize: 6 });
  const redis = { url: settings.REDIS_URL, prefix: settings.REDIS_PREFIX, onSetup: () => undefined };
  log = await RedisLog.connect({
    ...redis,
    as: 'publisher',
    doorbell: { onSilent: () => undefined, onBack: () => undefined },
    onError: () => undefined,
    onDoorbellRefused: () => undefined,
  });
  verdicts = await RedisVerdicts.connect({ ...redis, clock: systemClock, onTrouble: () => undefined });
  const lease = new DatabaseLease(database, false);
  const keys = KeysAppModule.register({ settings, database, lease, log, verdicts, metrics: new Registry() });
  replica = await Test.createTestingModule({ imports: [keys] })
    .overrideProvider(WALL_CLOCK)
    .useValue(() => now)
    .compile();
  await replica.init();
});
afterAll(async () => {
  await replica.close();
  verdicts.close();
  await log.close();
  await stack.stop();
});

const announce = () => replica.get(AnnounceUnused).execute(IDLE_DAYS);
const revoke = () => replica.get(RevokeUnused).execute(IDLE_DAYS);
const pass = (days: number): void => {
  now = new Date(now.getTime() + days * DAY_MS);
};

/** The statuses of a request with the key at each gateway. */
const statuses = (token: string): Promise<number[]> =>
  Promise.all(stack.gateways.map(async ({ url }) => (await call(`${url}/v1/me`, token)).status));

async function events(keyId: string): Promise<readonly unknown[]> {
  const { rows } = await stack.database.query(
    'SELECT action, actor, details FROM audit_events WHERE key_id = $1 ORDER BY id',
    [keyId],
  );
  return rows.slice(1);
}

/** Lets a gateway report a use of the key at a moment of the test's clock. */
async function useAt(keyId: string, moment: Date): Promise<void> {
  const id = findKeyId(keyId);
  if (id === undefined) throw new Error('no key');
  await replica.get(RecordUses).execute(new Map([[id, Date.now() - moment.getTime()]]));
}

describe('a key that nobody uses', () => {
  it('is announced, then revoked at every gateway, while one that was used a second before is not', async () => {
    const [unused, used] = [await stack.issue('ada'), await stack.issue('grace')];
    for (const { token } of [unused, used]) expect(await statuses(token)).toEqual([200, 200]);
    await useAt(unused.key.id, new Date());
    await useAt(used.key.id, new Date());
    pass(IDLE_DAYS);
    expect(await revoke()).toBe(0);
    expect(await announce()).toBe(2);
    // A use may be reported late.
    pass(7);
    expect(await revoke()).toBe(0);
    pass(1 / 24);
    await useAt(used.key.id, new Date(now.getTime() - 1000));
    expect(await revoke()).toBe(1);
    expect(await statuses(unused.token)).toEqual([401, 401]);
    expect(await statuses(used.token)).toEqual([200, 200]);
    expect(await events(unused.key.id)).toMatchObject([
      { action: 'key.unused', actor: 'keys', details: { revokeAt: expect.any(String) } },
      { action: 'key.revoked', actor: 'keys', details: { reason: 'unused for 60 days' } },
    ]);
    expect(await events(used.key.id)).toMatchObject([{ action: 'key.unused' }]);
    pass(1);
    expect(await revoke()).toBe(0);
  });

  it('is revoked once by replicas that try at the same time', async () => {
    const { key } = await stack.issue('once');
    pass(IDLE_DAYS);
    const announced = await announce();
    pass(8);
    const counts = await Promise.all([revoke(), revoke(), revoke()]);
    expect(counts.reduce((sum, count) => sum + count)).toBe(announced);
    expect(await events(key.id)).toHaveLength(2);
  });

  it.each<[string, (uuid: string) => string]>([
    ['is paused', (uuid) => `UPDATE api_keys SET paused_at = now() WHERE id = '${uuid}'`],
    ['belongs to a suspended owner', () => `UPDATE owners SET suspended_at = now() WHERE id = 'spared'`],
    [
      'expires meanwhile',
      (uuid) => `UPDATE api_keys SET expires_at = '${now.toISOString()}' WHERE id = '${uuid}'`,
    ],
  ])('is not revoked if it %s, and is announced again later if it can be used then', async (_, change) => {
    const { key } = await stack.issue('spared');
    pass(IDLE_DAYS);
    await announce();
    const id = findKeyId(key.id);
    await stack.database.query(change(id === undefined ? '' : keyIdToUuid(id)));
    pass(8);
    await revoke();
    expect(await events(key.id)).toMatchObject([{ action: 'key.unused' }]);
    await stack.database.query(`UPDATE owners SET suspended_at = NULL`);
    await stack.database.query(`UPDATE api_keys SET paused_at = NULL WHERE paused_at IS NOT NULL`);
    await announce();
    const isExpired = change('').includes('expires_at');
    expect(await events(key.id)).toHaveLength(isExpired ? 1 : 2);
    pass(8);
    expect(await revoke()).toBe(isExpired ? 0 : 1);
  });

  it('is not revoked by an announcement that nothing followed for long, or for a shorter time than is set', async () => {
    const { key } = await stack.issue('long');
    pass(IDLE_DAYS);
    await announce();
    pass(30);
    expect(await revoke()).toBe(0);
    await announce();
    pass(8);
    expect(await replica.get(RevokeUnused).execute(3650)).toBe(0);
    expect(await events(key.id)).toMatchObject([{ action: 'key.unused' }, { action: 'key.unused' }]);
  });
});
