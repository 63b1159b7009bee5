import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Webhook as Verifier } from 'standardwebhooks';
import { type Webhook, WEBHOOK_EVENTS, type WebhookRequest } from '#libs/keys-contract';
import { ManageClient, ManageUnreachable } from '#libs/keys-client';
import {
  RunningProcess,
  Stack,
  TEST_SECRETS,
  freePort,
  runFolder,
  startKeysProcess,
  uniqueName,
  until,
} from '#libs/testing';
import { EVENTS_OF_ACTIONS } from '../../apps/keys/src/webhooks/webhook-event.js';
import { FakeUpstream, type Reached } from '../support/fake-upstream.js';

let stack: Stack;
let receiver: FakeUpstream;
beforeAll(async () => {
  stack = await Stack.start({ gateways: 0, keys: 2, env: { WEBHOOK_ALLOW_PRIVATE: 'true' } });
});
afterAll(() => stack.stop());
beforeEach(async () => void (receiver = await FakeUpstream.start()));
afterEach(async () => {
  for (const { id } of (await stack.manage.listWebhooks()).webhooks) await stack.manage.removeWebhook(id);
  await receiver.stop();
});

async function add(request: Partial<WebhookRequest> = {}): Promise<{ webhook: Webhook; secret: string }> {
  return stack.manage.createWebhook({ url: `${receiver.url}/hooks`, ...request });
}

interface Event {
  readonly id: string;
  readonly type: string;
  readonly timestamp: string;
  readonly data: { readonly key?: Readonly<Record<string, unknown>>; readonly [name: string]: unknown };
}

/** An event as its receiver reads it, who verifies it first. */
function read({ body, headers }: Reached, secret: string): Event {
  new Verifier(secret).verify(body, headersOf(headers));
  return { id: String(headers['webhook-id']), ...JSON.parse(body) };
}

function headersOf(headers: Reached['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

/** The events that have arrived, each once: a receiver ignores those whose ID it has seen. */
function arrived(secret: string): Event[] {
  return once(receiver.reached.map((reached) => read(reached, secret)));
}

function once(events: readonly Event[]): Event[] {
  return events.filter(({ id }, at) => events.findIndex((event) => event.id === id) === at);
}

const receive = async (count: number, secret: string): Promise<Event[]> => {
  await until(() => arrived(secret).length >= count);
  return arrived(secret);
};

describe('events', () => {
  it('tell what happens to keys and owners, in order, with nothing secret in them', async () => {
    const { secret } = await add();
    const { key, token } = await stack.issue('ada');
    await stack.manage.pause(key.id, { actor: 'grace' });
    await stack.manage.resume(key.id);
    await stack.manage.suspendOwner('ada');
    await stack.manage.resumeOwner('ada');
    await stack.manage.revoke(key.id, { actor: 'grace', reason: 'no longer needed' });
    const events = await receive(6, secret);

    const ofKey = events.filter(({ data }) => data.key !== undefined);
    expect(ofKey.map(({ type, data }) => [type, data.key?.state])).toEqual([
      ['api_key.created', 'active'],
      ['api_key.paused', 'paused'],
      ['api_key.resumed', 'active'],
      ['api_key.revoked', 'revoked'],
    ]);
    const ofOwner = events.filter(({ data }) => data.key === undefined);
    expect(ofOwner.map(({ type, data }) => [type, data])).toEqual([
      ['owner.suspended', { owner: { id: 'ada', suspendedAt: expect.any(String) }, actor: 'manage' }],
      ['owner.resumed', { owner: { id: 'ada', suspendedAt: null }, actor: 'manage' }],
    ]);
    const { id, publicPart, last4, name, capabilities, ownerId, createdAt, expiresAt, replaces } = key;
    const revoked = ofKey.at(-1);
    expect(revoked?.data).toEqual({
      key: {
        ...{ id, publicPart, last4, name, capabilities, ownerId, createdAt, expiresAt, replaces },
        ...{
          state: 'revoked',
          lastUsedAt: null,
          exposedAt: null,
          pausedAt: null,
          revokedAt: revoked?.timestamp,
        },
      },
      actor: 'grace',
      reason: 'no longer needed',
    });
    expect(new Set(events.map((event) => event.id)).size).toBe(6);
    for (const event of events) expect(event.id).toMatch(/^msg_[0-9A-Za-z]{22}$/);
    const { events: audited } = await stack.manage.listAuditEvents({ keyId: key.id, action: 'key.revoked' });
    expect(revoked?.timestamp).toBe(audited[0]?.at);
    const sent = receiver.reached.map(({ body }) => body).join('\n');
    expect(sent).not.toContain(token.slice(-46, -14));
    expect(sent).not.toContain('@');
  });

  it('are named by a table that has all of them', () => {
    expect(new Set(Object.values(EVENTS_OF_ACTIONS))).toEqual(new Set(Object.keys(WEBHOOK_EVENTS)));
  });

  it('go to those who want them, and to nobody once they are disabled or removed', async () => {
    const other = await FakeUpstream.start();
    const { secret } = await add({ events: ['api_key.revoked'] });
    const all = await add({ url: other.url });
    const disabled = await add({ enabled: false });
    const { key } = await stack.issue('ada');
    await stack.manage.updateWebhook(all.webhook.id, { events: ['owner.suspended'] });
    await stack.manage.revoke(key.id);
    await receive(1, secret);
    await until(() => other.reached.length >= 1);
    expect(arrived(secret).map(({ type }) => type)).toEqual(['api_key.revoked']);
    expect(other.reached.map((reached) => read(reached, all.secret).type)).toEqual(['api_key.created']);
    expect(await stack.manage.listDeliveries(disabled.webhook.id)).toMatchObject({ deliveries: [] });
    await other.stop();
  });

  it('are sent nowhere if the change fails', async () => {
    const { webhook } = await add();
    const { key } = await stack.issue('ada');
    await stack.manage.revoke(key.id);
    await expect(stack.manage.pause(key.id)).rejects.toMatchObject({ code: 'key_ended' });
    const { deliveries } = await stack.manage.listDeliveries(webhook.id);
    expect(deliveries.map(({ event }) => event)).toEqual(['api_key.revoked', 'api_key.created']);
  });
});

describe('docs/webhooks.md', () => {
  const document = readFileSync(join(import.meta.dirname, '../../../docs/webhooks.md'), 'utf8');
  const [json = '', receiverCode = '', publicKeyCode = ''] = [
    ...document.matchAll(/```(?:json|js)\n([^]*?)```/g),
  ].map(([, code]) => code);

  it('shows an event as it is', async () => {
    const { secret } = await add({ events: ['api_key.revoked'] });
    const { key } = await stack.issue('ada');
    await stack.manage.revoke(key.id, { actor: 'grace', reason: 'no longer needed' });
    const [event] = await receive(1, secret);
    const body = { type: event?.type, timestamp: event?.timestamp, data: event?.data };
    const shown = JSON.parse(json);
    expect(body).toEqual({
      ...shown,
      timestamp: expect.any(String),
      data: {
        ...shown.data,
        key: Object.fromEntries(
          Object.entries<unknown>(shown.data.key).map(([name, value]) => [
            name,
            name === 'lastUsedAt' || value === null ? null : expect.any(Object(value).constructor),
          ]),
        ),
      },
    });
  });

  it('has a receiver that takes events of ours and refuses others', async () => {
    const folder = runFolder('projects', uniqueName('receiver'));
    symlinkSync(join(import.meta.dirname, '../../../node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'receiver.mjs'), receiverCode);
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/`;
    const { webhook, secret } = await add({ url });
    const env = { PORT: String(port), WEBHOOK_SIGNING_SECRET: secret };
    const program = new RunningProcess(process.execPath, ['receiver.mjs'], env, folder);
    await program.waitForOutput('listening');
    await stack.manage.testWebhook(webhook.id);
    await program.waitForOutput(`"webhook":{"id":"${webhook.id}"}`);
    expect(program.stdout).toContain('webhook.test {');
    const id = 'msg_1';
    const timestamp = String(Math.floor(Date.now() / 1000));
    const forged = {
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${'A'.repeat(43)}=`,
    };
    expect((await fetch(url, { method: 'POST', body: '{}', headers: forged })).status).toBe(400);
    await program.stop();
  });

  it('verifies events with the public key alone', async () => {
    const { webhook } = await add();
    await stack.manage.testWebhook(webhook.id);
    await until(() => receiver.reached.length > 0);
    const [reached] = receiver.reached;
    const file = join(runFolder('projects', uniqueName('public-key')), 'verify.mjs');
    writeFileSync(file, publicKeyCode);
    const { isFromKeys } = await import(file);
    const body = Buffer.from(reached?.body ?? '');
    expect(isFromKeys(reached?.headers, body, webhook.publicKey)).toBe(true);
    expect(isFromKeys(reached?.headers, Buffer.from('{}'), webhook.publicKey)).toBe(false);
    const other = await add();
    expect(isFromKeys(reached?.headers, body, other.webhook.publicKey)).toBe(false);
    const late = { ...reached?.headers, 'webhook-timestamp': '1674087231' };
    expect(isFromKeys(late, body, webhook.publicKey)).toBe(false);
  });
});

describe('operators', () => {
  it('see what has arrived and what has not, and send it again', async () => {
    const { webhook, secret } = await add();
    receiver.respond((_, res) => res.writeHead(401).end());
    const { id } = await stack.manage.testWebhook(webhook.id, { actor: 'ada' });
    const delivery = async () =>
      (await stack.manage.listDeliveries(webhook.id)).deliveries.find((each) => each.id === id);
    await until(
      async () => ((await delivery())?.attempts ?? 0) > 0 && (await delivery())?.lastError !== null,
    );
    expect(await delivery()).toMatchObject({
      state: 'pending',
      lastError: 'answered 401',
      deliveredAt: null,
    });
    expect((await stack.manage.getWebhook(webhook.id)).failingSince).not.toBeNull();
    receiver.respond();
    await stack.manage.replayDelivery(webhook.id, id);
    await until(async () => (await delivery())?.state === 'delivered');
    expect(await delivery()).toMatchObject({ event: 'webhook.test', subject: webhook.id, lastError: null });
    expect((await stack.manage.getWebhook(webhook.id)).failingSince).toBeNull();
    const [first] = arrived(secret);
    expect(first).toMatchObject({
      type: 'webhook.test',
      data: { webhook: { id: webhook.id }, actor: 'ada' },
    });

    const count = receiver.reached.length;
    await stack.manage.replayDelivery(webhook.id, id);
    await until(() => receiver.reached.length > count);
    expect(arrived(secret)).toEqual([first]);
    const { deliveries } = await stack.manage.listDeliveries(webhook.id, { state: 'failed' });
    expect(deliveries).toEqual([]);
  });

  it('page through deliveries, newest first', async () => {
    const { webhook } = await add();
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) ids.unshift((await stack.manage.testWebhook(webhook.id)).id);
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await stack.manage.listDeliveries(webhook.id, { limit: 2, ...(cursor && { cursor }) });
      found.push(...page.deliveries.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(found).toEqual(ids);
  });

  it('find their changes in the audit log, and nothing of a URL that may be secret', async () => {
    const { webhook } = await add({ url: `${receiver.url}/hooks?token=abc`, actor: 'ada' });
    await stack.manage.updateWebhook(webhook.id, { events: ['api_key.revoked'], actor: 'grace' });
    await stack.manage.updateWebhook(webhook.id, { events: ['api_key.revoked'], actor: 'grace' });
    await stack.manage.rotateWebhookSecret(webhook.id, { actor: 'ada' });
    await stack.manage.removeWebhook(webhook.id, { actor: 'ada' });
    const { events } = await stack.manage.listAuditEvents();
    const own = events.filter(({ details }) => details.webhookId === webhook.id).reverse();
    const [webhookId, to] = [webhook.id, receiver.url];
    expect(own.map(({ action, actor, ownerId, details }) => [action, actor, ownerId, details])).toEqual([
      ['webhook.created', 'ada', '', { webhookId, to, events: [] }],
      ['webhook.changed', 'grace', '', { webhookId, events: ['api_key.revoked'] }],
      ['webhook.secret_rotated', 'ada', '', { webhookId, version: 2 }],
      ['webhook.removed', 'ada', '', { webhookId, to }],
    ]);
  });

  it('are told what is wrong with a URL', async () => {
    const urls = [
      'ftp://hooks.example.com/',
      'hooks',
      'https://ada:secret@hooks.example.com/',
      'https://a.b/#c',
    ];
    for (const url of urls)
      await expect(add({ url })).rejects.toMatchObject({
        code: 'invalid_request',
        problem: { errors: [{ pointer: '/url', detail: expect.stringMatching(/^URL must /) }] },
      });
  });
});

describe('a keys service', () => {
  it('that may not reach private addresses says so, and one without WEBHOOK_SECRET what it lacks', async () => {
    const [DATABASE_URL, REDIS_URL] = [stack.database.servingUrl, stack.redis.url];
    const secrets = { ...TEST_SECRETS, WEBHOOK_SECRET: '' };
    const start = async (env: object): Promise<[ManageClient, () => Promise<unknown>]> => {
      const { service } = await startKeysProcess({
        ...secrets,
        DATABASE_URL,
        REDIS_URL,
        BCRYPT_COST: '4',
        ...env,
      });
      return [
        new ManageClient({ url: service.url, credential: TEST_SECRETS.KEYS_MANAGE_TOKEN }),
        () => service.process.stop(),
      ];
    };
    const [without, stopOne] = await start({ WEBHOOK_ALLOW_PRIVATE: 'true' });
    await expect(without.createWebhook({ url: receiver.url })).rejects.toMatchObject({
      code: 'webhooks_not_set_up',
      message: expect.stringContaining('Set it at the keys service (openssl rand -hex 32)'),
    });
    const { webhook } = await add();
    expect((await without.getWebhook(webhook.id)).publicKey).toBeNull();
    await expect(without.rotateWebhookSecret(webhook.id)).rejects.toMatchObject({
      code: 'webhooks_not_set_up',
    });
    await stopOne();

    const [strict, stopOther] = await start({ WEBHOOK_SECRET: TEST_SECRETS.WEBHOOK_SECRET });
    for (const url of [
      'https://127.0.0.1/',
      'https://[::1]/',
      'https://2130706433/',
      'https://169.254.169.254/',
    ])
      await expect(strict.createWebhook({ url })).rejects.toMatchObject({
        message:
          'URL must not have a private address unless WEBHOOK_ALLOW_PRIVATE is set at the keys service.',
      });
    await expect(
      strict.updateWebhook(webhook.id, { url: 'http://hooks.example.com/' }),
    ).rejects.toMatchObject({
      message: 'URL must start with https: unless WEBHOOK_ALLOW_PRIVATE is set at the keys service.',
    });
    await stopOther();
  });
});

describe('nothing is lost', () => {
  it('and keys stay in order, however often the keys service that makes changes is killed', async () => {
    const { secret } = await add();
    // What it refuses has not arrived, whatever a replica was doing with it when it was killed.
    const taken: Reached[] = [];
    let attempts = 0;
    receiver.respond((_, res) => {
      const [last] = receiver.reached.slice(-1);
      if (last === undefined || attempts++ % 3 === 0) {
        res.writeHead(500).end();
        return;
      }
      taken.push(last);
      res.writeHead(204).end();
    });
    const [one, two] = stack.keys;
    if (one === undefined || two === undefined) throw new Error('there are two');
    const manage = stack.manage;
    await manage.putOwner('lovelace', { email: 'lovelace@example.com' });
    let isOver = false;
    let running: Promise<unknown> = Promise.resolve();
    const work = async (): Promise<void> => {
      while (!isOver) {
        try {
          const { key } = await manage.issue('lovelace', { name: 'x', capabilities: ['kb:read'] });
          await manage.pause(key.id);
          await manage.resume(key.id);
          await manage.revoke(key.id);
        } catch (err) {
          // It was killed: whether the change was made, the audit log says.
          if (!(err instanceof ManageUnreachable)) throw err;
          await running;
        }
      }
    };
    const working = Promise.all([work(), work(), work()]);
    for (let kills = 0; kills < 5; kills++) {
      const seen = receiver.reached.length;
      await until(() => receiver.reached.length > seen + 2 * kills);
      const killed = one.service.kill();
      running = killed.then(() => one.service.restart());
      await running;
    }
    isOver = true;
    await working;

    const { rows } = await stack.database.query(
      "SELECT key_id, action FROM audit_events WHERE owner_id = 'lovelace' AND key_id IS NOT NULL ORDER BY id",
    );
    const committed = byKey(rows.map(({ key_id: id, action }) => [id, EVENTS_OF_ACTIONS[action] ?? '']));
    expect(committed.size).toBeGreaterThan(5);
    receiver.respond((_, res) => {
      taken.push(...receiver.reached.slice(-1));
      res.writeHead(204).end();
    });
    // What was refused, or what a killed replica was sending, is sent later. That is now.
    await stack.database.query('UPDATE deliveries SET due_at = now() WHERE delivered_at IS NULL');
    const events = (): Event[] => once(taken.map((reached) => read(reached, secret)));
    await until(() => events().length >= rows.length);
    expect(byKey(events().map(({ type, data }) => [String(data.key?.id), type]))).toEqual(committed);
  });
});

function byKey(events: readonly (readonly [key: string, type: string])[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [key, type] of events) found.set(key, [...(found.get(key) ?? []), type]);
  return found;
}
