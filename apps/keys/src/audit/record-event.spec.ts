import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { AUDIT_ACTIONS, type AuditAction } from '#libs/keys-contract';
import { type KeyId, keyIdFromUuid } from '#libs/key-format';
import { type TestDatabase, makeKeysDatabase } from '#libs/testing';
import { openDatabase } from '../database/open-database.js';
import { EVENTS_OF_ACTIONS } from '../webhooks/webhook-event.js';
import { recordEvent } from './record-event.js';

const ADDRESS = '198.51.100.7';
const origin = { actor: 'grace', address: ADDRESS, requestId: 'r-1' };

let server: TestDatabase;
let database: DataSource;
let keyId: KeyId;
beforeAll(async () => {
  server = await makeKeysDatabase();
  database = await openDatabase({ url: server.servingUrl, poolSize: 2 });
  await server.query(
    `INSERT INTO owners (id, email, role, tier) VALUES ('ada', 'ada@example.com', 'user', 'free')`,
  );
  const { rows } = await server.query(`
    INSERT INTO api_keys (id, owner_id, name, capabilities, secret_hash, last4, created_by, allowed_ips)
    VALUES (uuidv7(), 'ada', 'CI', '{desktop:read}', '$2b$04$' || repeat('x', 53), '0000', 'x@y.z', '{${ADDRESS}}')
    RETURNING id`);
  keyId = keyIdFromUuid(String(rows[0].id));
});
afterAll(async () => {
  await database.destroy();
  await server.close();
});
beforeEach(async () => {
  await server.query('DELETE FROM webhook_endpoints');
  await server.query('DELETE FROM deliveries');
});

const record = (action: AuditAction): Promise<void> =>
  database.transaction((manager) => {
    const details = {
      reason: 'why',
      source: 'github',
      url: 'https://a.b/c',
      address: ADDRESS,
      email: 'e@x.y',
    };
    const about = action.startsWith('key.') ? { ownerId: 'ada', keyId } : { ownerId: 'ada' };
    return recordEvent(manager, { action, origin, ...about, details });
  });

const add = (id: string, more = ''): Promise<unknown> =>
  server.query(
    `INSERT INTO webhook_endpoints (id, url, events, created_by) VALUES ('${id}', 'https://a.b/', '{}', 'x');
     UPDATE webhook_endpoints SET id = id ${more} WHERE id = '${id}'`,
  );

const deliveries = async (): Promise<{ destination: string; subject: string; message: { type: string } }[]> =>
  (await server.query('SELECT channel, destination, subject, message FROM deliveries ORDER BY id')).rows;

describe('an event of the audit log', () => {
  it.each(AUDIT_ACTIONS)('%s becomes the event of webhooks that it is, or none', async (action) => {
    await add('we_1');
    await record(action);
    const type = EVENTS_OF_ACTIONS[action];
    const found = await deliveries();
    expect(found).toHaveLength(type === undefined ? 0 : 1);
    for (const { message, ...delivery } of found) {
      const isOfKey = action.startsWith('key.');
      expect(delivery).toEqual({ channel: 'webhook', destination: 'we_1', subject: isOfKey ? keyId : 'ada' });
      expect(message).toMatchObject({
        type,
        data: {
          ...(isOfKey ? { key: { id: keyId, ownerId: 'ada', state: 'active' } } : { owner: { id: 'ada' } }),
          ...{ actor: 'grace', reason: 'why', source: 'github', url: 'https://a.b/c' },
        },
      });
      for (const personal of [ADDRESS, '@', '$2b$']) expect(JSON.stringify(message)).not.toContain(personal);
    }
  });

  it('goes to each webhook that wants it', async () => {
    await add('we_all');
    await add('we_these', `, events = '{api_key.paused,api_key.revoked}'`);
    await add('we_others', `, events = '{api_key.resumed}'`);
    await add('we_disabled', ', enabled = false');
    await record('key.revoked');
    expect((await deliveries()).map(({ destination }) => destination).sort()).toEqual(['we_all', 'we_these']);
    const [first, second] = await deliveries();
    expect(first?.message).toEqual(second?.message);
  });

  it('costs one statement more where there are no webhooks', async () => {
    const statements = async (action: AuditAction): Promise<number> => {
      let count = 0;
      await database.transaction(async (manager) => {
        const runner = manager.queryRunner;
        if (runner === undefined) throw new Error('it runs in a transaction');
        const query = runner.query.bind(runner);
        Object.assign(runner, {
          query: (...parameters: Parameters<typeof query>) => {
            count++;
            return query(...parameters);
          },
        });
        await recordEvent(manager, { action, origin, ownerId: 'ada', keyId });
      });
      return count;
    };
    const without = await statements('key.expiry_set');
    expect((await statements('key.revoked')) - without).toBe(1);
  });
});
