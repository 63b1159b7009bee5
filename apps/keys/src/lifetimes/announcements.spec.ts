import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { keyIdFromUuid } from '#libs/key-format';
import { type TestDatabase, makeKeysDatabase } from '#libs/testing';
import { openDatabase } from '../database/open-database.js';
import { AnnounceExpiries } from './announce-expiries.js';
import { AnnounceUnused } from './announce-unused.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const START = new Date('2027-01-31T12:00:00Z');

let server: TestDatabase;
let database: DataSource;
let now: Date;
/** Two replicas. */
let replicas: readonly AnnounceExpiries[];
beforeAll(async () => {
  server = await makeKeysDatabase();
  await server.query(
    `INSERT INTO owners (id, email, role, tier) VALUES ('ada', 'ada@example.com', 'user', 'free')`,
  );
  database = await openDatabase({ url: server.servingUrl, poolSize: 6 });
});
afterAll(async () => {
  await database.destroy();
  await server.close();
});
beforeEach(() => {
  now = START;
  restart();
});

const clock = (): Date => now;

/** Replaces the replicas by new ones, which know nothing but the database. */
function restart(): void {
  replicas = [new AnnounceExpiries(database, clock), new AnnounceExpiries(database, clock)];
}

const at = (days: number): Date => new Date(START.getTime() + days * DAY_MS);

interface StoredKey {
  /** In days from the start. */
  readonly createdAt?: number;
  readonly expiresAt?: number;
  readonly lastUsedAt?: number;
}

/** Stores a key, and returns its UUID. */
async function store({ createdAt = 0, expiresAt, lastUsedAt }: StoredKey): Promise<string> {
  const id = randomUUID();
  const moment = (days: number | undefined): Date | null => (days === undefined ? null : at(days));
  await server.query(
    `INSERT INTO api_keys (id, owner_id, name, capabilities, secret_hash, last4, created_by, created_at, expires_at, last_used_at)
     VALUES ($1, 'ada', 'Production CI', '{desktop:read}', '$2b$04$' || repeat('x', 53), 'x7Qa', 'ada', $2, $3, $4)`,
    [id, at(createdAt), moment(expiresAt), moment(lastUsedAt)],
  );
  return id;
}

/** What was announced of a key, in order. */
async function announced(id: string): Promise<readonly string[]> {
  const { rows } = await server.query(
    `SELECT action, details FROM audit_events WHERE key_id = $1 AND actor = 'keys' ORDER BY id`,
    [keyIdFromUuid(id)],
  );
  return rows.map(({ action, details }) => [action, details.daysLeft].join(' ').trim());
}

/** Lets days pass, with a run of every replica at the same time each six hours. */
async function pass(days: number, { restarts = false } = {}): Promise<void> {
  for (let hours = 0; hours < days * 24; hours += 6) {
    now = new Date(now.getTime() + 6 * HOUR_MS);
    if (restarts) restart();
    await Promise.all(replicas.map((replica) => replica.execute()));
  }
}

const ALL = ['key.expiring 30', 'key.expiring 7', 'key.expiring 1', 'key.expired'];

describe('an expiry', () => {
  it('is announced 30, 7 and 1 days before, and when it has come, once however many replicas there are', async () => {
    const id = await store({ expiresAt: 45.1 });
    await pass(50);
    expect(await announced(id)).toEqual(ALL);
  });

  it('is announced once whatever restarts', async () => {
    const id = await store({ expiresAt: 45.1 });
    await pass(50, { restarts: true });
    expect(await announced(id)).toEqual(ALL);
  });

  it('is announced by one of many replicas that start at the same time', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 30; n++) ids.push(await store({ expiresAt: 45 + n / 100 }));
    now = at(15.5);
    const many = Array.from({ length: 6 }, () => new AnnounceExpiries(database, clock));
    const counts = await Promise.all(many.map((replica) => replica.execute()));
    expect(counts.reduce((sum, count) => sum + count)).toBe(30);
    for (const id of ids) expect(await announced(id)).toEqual(['key.expiring 30']);
  });

  it.each([
    [5, ALL.slice(2)],
    [7, ALL.slice(2)],
    [30, ALL.slice(1)],
    [1, ALL.slice(3)],
  ])(
    'is not announced by what was due already when a key was created for %d days',
    async (days, expected) => {
      const id = await store({ expiresAt: days + 1e-4 });
      await pass(days + 1);
      expect(await announced(id)).toEqual(expected);
    },
  );

  it('that is set later is not announced by what was due already then', async () => {
    const id = await store({ expiresAt: 100 });
    await pass(50);
    await server.query('UPDATE api_keys SET expires_at = $2, expiry_set_at = $3 WHERE id = $1', [
      id,
      at(57),
      now,
    ]);
    await pass(8);
    expect(await announced(id)).toEqual(ALL.slice(2));
  });

  it('is announced again if it was set to an earlier one', async () => {
    const id = await store({ expiresAt: 50 });
    await pass(30);
    await server.query('UPDATE api_keys SET expires_at = $2, expiry_set_at = $3 WHERE id = $1', [
      id,
      at(45),
      now,
    ]);
    await pass(20);
    expect(await announced(id)).toEqual(['key.expiring 30', ...ALL.slice(1)]);
  });

  it.each([
    ['30 and 7 days', 44, ALL.slice(2)],
    ['all but the last', 45.5, ALL.slice(3)],
    ['all, for a month', 80, []],
  ])(
    'has one announcement, the latest, if nothing ran when these were due: %s',
    async (_, days, expected) => {
      const id = await store({ expiresAt: 45 });
      now = at(days);
      await pass(10);
      expect(await announced(id)).toEqual(expected);
    },
  );

  it('says how many days are left if the announcement is late', async () => {
    const id = await store({ expiresAt: 45 });
    now = at(25);
    await pass(1);
    expect(await announced(id)).toEqual(['key.expiring 20']);
  });

  it('of a key that is revoked or paused is not announced, and of one that is resumed from then on', async () => {
    const [revoked, paused] = [await store({ expiresAt: 45 }), await store({ expiresAt: 45 })];
    await server.query(`UPDATE api_keys SET revoked_at = now(), revoked_by = 'ada' WHERE id = $1`, [revoked]);
    await server.query('UPDATE api_keys SET paused_at = now() WHERE id = $1', [paused]);
    await pass(37);
    await server.query('UPDATE api_keys SET paused_at = NULL WHERE id = $1', [paused]);
    await pass(10);
    expect([await announced(revoked), await announced(paused)]).toEqual([[], ALL.slice(1)]);
  });

  it('of a key that was resumed is announced in the next run that looks at all keys', async () => {
    const id = await store({ expiresAt: 45 });
    await server.query('UPDATE api_keys SET paused_at = now() WHERE id = $1', [id]);
    await pass(20);
    await server.query('UPDATE api_keys SET paused_at = NULL WHERE id = $1', [id]);
    await replicas[0]?.execute();
    expect(await announced(id)).toEqual([]);
    await replicas[0]?.execute({ again: true });
    expect(await announced(id)).toEqual(['key.expiring 25']);
  });

  it('is remembered for a month, and not announced again when that is forgotten', async () => {
    await server.query('DELETE FROM key_notices');
    const id = await store({ expiresAt: 31.5 });
    await pass(33);
    const noted = async (): Promise<number> =>
      (await server.query('SELECT FROM key_notices WHERE key_id = $1', [id])).rows.length;
    expect(await noted()).toBe(4);
    now = at(62);
    for (const replica of replicas) await replica.execute({ again: true });
    expect(await noted()).toBe(0);
    expect(await announced(id)).toEqual(ALL);
  });
});

describe('the revocation of an unused key', () => {
  const IDLE_DAYS = 60;
  const run = (): Promise<number> => new AnnounceUnused(database, clock).execute(IDLE_DAYS);
  const revokeAt = async (id: string): Promise<unknown> =>
    (await server.query('SELECT revoke_at FROM key_notices WHERE key_id = $1 ORDER BY about', [id])).rows.map(
      ({ revoke_at: moment }) => (moment.getTime() - START.getTime()) / DAY_MS,
    );

  it('is announced a week before, once, and again only after another use', async () => {
    const never = await store({});
    const used = await store({ lastUsedAt: 10 });
    now = at(52.9);
    await run();
    expect([await announced(never), await announced(used)]).toEqual([[], []]);
    now = at(53);
    await Promise.all([run(), run(), run()]);
    await run();
    expect([await announced(never), await announced(used)]).toEqual([['key.unused'], []]);
    expect(await revokeAt(never)).toEqual([60]);
    await server.query('UPDATE api_keys SET last_used_at = $2 WHERE id = $1', [never, at(55)]);
    now = at(107);
    await run();
    expect(await announced(never)).toEqual(['key.unused']);
    now = at(108);
    await run();
    expect(await announced(never)).toEqual(['key.unused', 'key.unused']);
    expect(await revokeAt(never)).toEqual([60, 115]);
  });

  it('is a week away for keys that were unused for long when it is turned on', async () => {
    const id = await store({ createdAt: -1000 });
    await run();
    expect(await revokeAt(id)).toEqual([7]);
  });

  it('is announced a third of the idle time before, if that is less than a week', async () => {
    const id = await store({});
    now = at(6);
    await new AnnounceUnused(database, clock).execute(9);
    expect(await revokeAt(id)).toEqual([9]);
  });

  it('is not announced of keys that nobody can use', async () => {
    const [paused, expired, revoked] = [await store({}), await store({ expiresAt: 40 }), await store({})];
    await server.query('UPDATE api_keys SET paused_at = now() WHERE id = $1', [paused]);
    await server.query(`UPDATE api_keys SET revoked_at = now(), revoked_by = 'ada' WHERE id = $1`, [revoked]);
    now = at(60);
    await run();
    const suspended = await store({ createdAt: -1000 });
    await server.query(`UPDATE owners SET suspended_at = now()`);
    await run();
    await server.query(`UPDATE owners SET suspended_at = NULL`);
    for (const id of [paused, expired, revoked, suspended]) expect(await announced(id)).toEqual([]);
  });
});
