import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { type TestDatabase, makeKeysDatabase } from '#libs/testing';
import { openDatabase } from '../database/open-database.js';
import type { Delivery, Sent } from './delivery.js';
import { DeliveryQueue, type Settled } from './delivery-queue.js';
import type { NewDelivery } from './put-delivery.js';

const HOUR_MS = 3_600_000;

let server: TestDatabase;
let database: DataSource;
let now: Date;
/** Two replicas. */
let queue: DeliveryQueue;
let other: DeliveryQueue;
beforeAll(async () => {
  server = await makeKeysDatabase();
  database = await openDatabase({ url: server.servingUrl, poolSize: 6 });
});
afterAll(async () => {
  await database.destroy();
  await server.close();
});
beforeEach(async () => {
  await database.query('DELETE FROM deliveries');
  await database.query('DELETE FROM delivery_pauses');
  now = new Date('2027-01-31T12:00:00Z');
  [queue, other] = [new DeliveryQueue(database, () => now), new DeliveryQueue(database, () => now)];
});

const pass = (ms: number): void => {
  now = new Date(now.getTime() + ms);
};

const put = (delivery: Partial<NewDelivery> = {}): Promise<void> =>
  database.transaction((manager) =>
    queue.put(manager, { channel: 'test', destination: 'one', subject: 'key', message: 1, ...delivery }),
  );

/** The messages that are due, after they were claimed. */
const claim = async (from = queue): Promise<readonly unknown[]> =>
  (await from.claim(['test'], [])).map(({ message }) => message);

/** Claims the only delivery that is due, and settles it. */
async function attempt(sent: Sent): Promise<Settled> {
  const [delivery, ...others] = await queue.claim(['test'], []);
  if (delivery === undefined || others.length > 0) throw new Error('not one delivery is due');
  return queue.settle(delivery, sent);
}

const unavailable = { outcome: 'unavailable', reason: 'it does not answer' } as const;
const retry = { outcome: 'retry', reason: 'it was busy' } as const;

describe('a delivery', () => {
  it('exists only if the change that it is about is committed', async () => {
    const failure = new Error('the change failed');
    const change = database.transaction(async (manager) => {
      await queue.put(manager, { channel: 'test', destination: 'one', subject: 'key', message: 1 });
      throw failure;
    });
    await expect(change).rejects.toBe(failure);
    expect(await claim()).toEqual([]);
  });

  it('is claimed once, by whichever replica is first', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, n) => put({ subject: `key ${n}`, message: n })));
    const messages: unknown[] = [];
    for (;;) {
      const both = await Promise.all([claim(), claim(other), claim(), claim(other)]);
      messages.push(...both.flat());
      if (both.flat().length === 0) break;
    }
    expect(messages.sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });

  it('is claimed again if nobody says what became of it, and the late answer of the first changes nothing', async () => {
    await put();
    const [first] = await queue.claim(['test'], []);
    pass(29_000);
    expect(await claim(other)).toEqual([]);
    pass(1000);
    expect(await claim(other)).toEqual([1]);
    expect(first && (await queue.settle(first, retry))).toBe('late');
  });

  it('is made once for one text, per destination', async () => {
    await put({ once: 'expires 2027-01-31' });
    await put({ once: 'expires 2027-01-31' });
    await put({ once: 'expires 2027-01-31', destination: 'two' });
    expect(await claim()).toEqual([1, 1]);
  });

  it('waits for channels that this deployment does not have', async () => {
    await put({ channel: 'pigeon' });
    expect(await claim()).toEqual([]);
    expect(await queue.count()).toEqual(new Map([['pigeon', 1]]));
  });
});

describe('the deliveries about one subject', () => {
  it('arrive in order: the second is claimed once the first has arrived', async () => {
    await put({ message: 'first' });
    await put({ message: 'second' });
    await put({ message: 'of another', subject: 'other key' });
    expect(await claim()).toEqual(['first', 'of another']);
    pass(30_000);
    const [first] = await queue.claim(['test'], []);
    expect(first && (await queue.settle(first, { outcome: 'delivered' }))).toBe('delivered');
    expect(await claim()).toEqual(['second']);
  });

  it('go on after one that cannot arrive', async () => {
    await put({ message: 'first' });
    await put({ message: 'second' });
    expect(await attempt({ outcome: 'failed', reason: 'it is refused' })).toBe('failed');
    expect(await claim()).toEqual(['second']);
  });
});

describe('a delivery that did not arrive', () => {
  it('is tried again later and later, at most hourly, and given up after a day', async () => {
    await put();
    const pauses: number[] = [];
    while ((await attempt(retry)) === 'retried') {
      const { rows } = await server.query('SELECT due_at FROM deliveries');
      const before = now;
      expect(await claim()).toEqual([]);
      // PostgreSQL counts microseconds.
      now = new Date(Number(rows[0].due_at) + 1);
      pauses.push(now.getTime() - before.getTime());
    }
    expect(pauses.slice(0, 2).every((ms) => ms <= 10_000)).toBe(true);
    expect(Math.max(...pauses)).toBeGreaterThan(HOUR_MS / 2);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(HOUR_MS + 1);
    const tried = pauses.reduce((sum, ms) => sum + ms, 0);
    expect(tried).toBeGreaterThanOrEqual(24 * HOUR_MS);
    expect(tried).toBeLessThan(25 * HOUR_MS);
    const { rows } = await server.query('SELECT failed_at IS NOT NULL AS failed, last_error FROM deliveries');
    expect(rows).toEqual([{ failed: true, last_error: 'it was busy' }]);
  });

  it('is not tried before the time that the receiver has asked for', async () => {
    await put();
    await attempt({ ...retry, afterSeconds: 600 });
    pass(599_000);
    expect(await claim()).toEqual([]);
    pass(1000);
    expect(await claim()).toEqual([1]);
  });

  it('can be sent again by hand, as the same delivery, with a day to arrive', async () => {
    await put();
    await attempt({ outcome: 'failed', reason: 'it is refused' });
    const { rows } = await server.query('SELECT id FROM deliveries');
    const id = String(rows[0].id);
    pass(48 * HOUR_MS);
    expect(await queue.replay('test', 'two', id)).toBe(false);
    expect(await queue.replay('test', 'one', id)).toBe(true);
    expect(await attempt(retry)).toBe('retried');
    pass(HOUR_MS);
    expect(await queue.claim(['test'], [])).toMatchObject([{ id, message: 1 }]);
  });
});

describe('a destination that is unavailable', () => {
  it('is left alone for a while, with everything that waits for it, and others are not', async () => {
    await put({ subject: 'a' });
    expect(await attempt(unavailable)).toBe('retried');
    await put({ subject: 'b' });
    await put({ subject: 'c', destination: 'two', message: 'for another' });
    expect(await claim()).toEqual(['for another']);
    pass(5000);
    expect(await claim()).toEqual([1, 1]);
  });

  it('counts one failure for all that failed at the same time, and none once something has arrived', async () => {
    await Promise.all([put({ subject: 'a' }), put({ subject: 'b' }), put({ subject: 'c' })]);
    const failed = await queue.claim(['test'], []);
    await Promise.all(failed.map((delivery) => other.settle(delivery, unavailable)));
    const failures = async (): Promise<unknown> =>
      (await server.query('SELECT failures FROM delivery_pauses')).rows;
    expect(await failures()).toEqual([{ failures: 1 }]);
    pass(5000);
    const [a, b] = await queue.claim(['test'], []);
    if (a === undefined || b === undefined) throw new Error('nothing is due');
    await queue.settle(a, unavailable);
    expect(await failures()).toEqual([{ failures: 2 }]);
    await queue.settle(b, { outcome: 'delivered' });
    expect(await failures()).toEqual([]);
    expect(await claim()).toHaveLength(1);
  });

  it('gets everything when it comes back after an hour, in order', async () => {
    await put({ message: 'first' });
    await put({ message: 'second' });
    for (const until = now.getTime() + HOUR_MS; now.getTime() < until;) {
      for (const delivery of await queue.claim(['test'], [])) await queue.settle(delivery, unavailable);
      pass(60_000);
    }
    pass(HOUR_MS);
    const arrived: unknown[] = [];
    for (let due: readonly Delivery[]; (due = await queue.claim(['test'], [])).length > 0;) {
      for (const delivery of due) {
        arrived.push(delivery.message);
        await queue.settle(delivery, { outcome: 'delivered' });
      }
    }
    expect(arrived).toEqual(['first', 'second']);
  });
});

it('forgets what was over a month ago, and nothing that waits', async () => {
  await put({ message: 'arrived', subject: 'a' });
  await attempt({ outcome: 'delivered' });
  await put({ message: 'waiting', subject: 'b' });
  pass(31 * 24 * HOUR_MS);
  await queue.forget();
  const { rows } = await server.query('SELECT message FROM deliveries');
  expect(rows).toEqual([{ message: 'waiting' }]);
});
