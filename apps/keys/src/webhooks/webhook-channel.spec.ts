import { createPublicKey, verify } from 'node:crypto';
import type { LookupAddress } from 'node:dns';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Webhook } from 'standardwebhooks';
import type { DataSource } from 'typeorm';
import { KeyFormat, newKeyId } from '#libs/key-format';
import { type TestDatabase, makeKeysDatabase } from '#libs/testing';
import { FakeUpstream, type Reached } from '../../../../test/support/fake-upstream.js';
import { keysItself } from '../audit/origin.js';
import { openDatabase } from '../database/open-database.js';
import { DeliveryQueue, type Settled } from '../deliveries/delivery-queue.js';
import { CreateWebhook } from './create-webhook.js';
import { EndpointStates } from './endpoint-states.js';
import { type PostOptions, PostWebhook } from './post-webhook.js';
import { RotateWebhookSecret } from './rotate-webhook-secret.js';
import { WebhookChannel } from './webhook-channel.js';
import { WebhookSigner } from './webhook-signer.js';
import { WebhookUrlRule } from './webhook-url.js';

const SECRET = 'the-webhook-secret-of-this-test-0123456789';
const format = new KeyFormat({ prefix: 'sk_live', tagSecrets: ['the-tag-secret-of-this-test-0123456789ab'] });
const KEY = newKeyId();

let server: TestDatabase;
let database: DataSource;
let receiver: FakeUpstream;
let now: Date;
/** What operators read. */
let logged: string[];
const posts: PostWebhook[] = [];
beforeAll(async () => {
  server = await makeKeysDatabase();
  database = await openDatabase({ url: server.servingUrl, poolSize: 6 });
});
afterAll(async () => {
  await database.destroy();
  await server.close();
});
beforeEach(async () => {
  for (const table of ['deliveries', 'delivery_pauses', 'webhook_endpoints'])
    await database.query(`DELETE FROM ${table}`);
  now = new Date('2027-01-31T12:00:00Z');
  receiver = await FakeUpstream.start();
  logged = [];
  const note = ({ msg }: { msg: string }): void => void logged.push(msg);
  Logger.overrideLogger({ log: note, warn: note, error: note });
});
afterEach(async () => {
  await receiver.stop();
  for (const post of posts.splice(0)) await post.onApplicationShutdown();
});

const pass = (seconds: number): void => {
  now = new Date(now.getTime() + seconds * 1000);
};

function channel({ secrets = [SECRET], timeoutMs = 15_000, allowPrivate = true } = {}): WebhookChannel {
  const post = new PostWebhook({ allowPrivate, timeoutMs });
  posts.push(post);
  return new WebhookChannel(
    new EndpointStates(database, () => now),
    new WebhookSigner(secrets),
    post,
    format,
  );
}

async function addWebhook(url = receiver.url): Promise<{ id: string; secret: string }> {
  const create = new CreateWebhook(database, new WebhookSigner([SECRET]), new WebhookUrlRule(true));
  const given = { url, description: null, events: [], enabled: true, origin: keysItself };
  const created = await create.execute(given);
  if (created.outcome !== 'created') throw new Error(created.outcome);
  return { id: created.webhook.id, secret: created.secret };
}

const queue = (): DeliveryQueue => new DeliveryQueue(database, () => now);

const put = (destination: string, name: string, subject: string = KEY): Promise<void> =>
  database.transaction((manager) => {
    const data = { key: { id: subject, name }, actor: 'ada' };
    const message = { id: `msg_${name}`, type: 'api_key.paused', timestamp: now.toISOString(), data };
    return queue().put(manager, { channel: 'webhook', destination, subject, message });
  });

/** Sends what is due, as the worker does. */
async function sendDue(by = channel()): Promise<Settled[]> {
  const due = await queue().claim(['webhook'], []);
  const { signal } = new AbortController();
  return Promise.all(due.map(async (delivery) => queue().settle(delivery, await by.send(delivery, signal))));
}

/** Sends until nothing is left, an hour of simulated time later at most. */
async function sendAll(by = channel()): Promise<void> {
  for (let minute = 0; minute < 60; minute++) {
    while ((await sendDue(by)).length > 0);
    pass(60);
  }
}

const stateOf = async (id: string): Promise<unknown> => {
  const { rows } = await server.query(
    'SELECT enabled, disabled_reason, failing_since IS NOT NULL AS failing FROM webhook_endpoints WHERE id = $1',
    [id],
  );
  return rows[0];
};
const errors = async (): Promise<unknown[]> =>
  (await server.query('SELECT last_error FROM deliveries ORDER BY id')).rows.map(
    ({ last_error: text }) => text,
  );

const received = (): unknown[] => receiver.reached.map(({ headers }) => headers['webhook-id']);

/** As a receiver verifies it, at the time of this test. */
function verifiedBy(secret: string, { body, headers }: Reached): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  const at = new Date(Number(timestamp) * 1000);
  return String(signatures)
    .split(' ')
    .includes(new Webhook(secret).sign(String(id), at, body));
}

/** A v1a signature, by the specification alone: Ed25519 over ID, timestamp and body, and the public key as 32 bytes. */
function verifiedByPublicKey(publicKey: string, { body, headers }: Reached): boolean {
  const x = Buffer.from(publicKey.replace(/^whpk_/, ''), 'base64').toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  const content = [headers['webhook-id'], headers['webhook-timestamp'], body].join('.');
  return String(headers['webhook-signature'])
    .split(' ')
    .filter((signature) => signature.startsWith('v1a,'))
    .some((signature) => verify(null, Buffer.from(content), key, Buffer.from(signature.slice(4), 'base64')));
}

describe('an event', () => {
  it('is a signed request, as Standard Webhooks says', async () => {
    const { id, secret } = await addWebhook(`${receiver.url}/hooks?from=keys`);
    await put(id, 'one');
    expect(await sendDue()).toEqual(['delivered']);
    const [request] = receiver.reached;
    if (request === undefined) throw new Error('nothing was sent');
    expect(request).toMatchObject({ method: 'POST', url: '/hooks?from=keys' });
    expect(request.headers).toMatchObject({
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(request.body)),
      'user-agent': 'le-bureau-webhooks',
      'webhook-id': 'msg_one',
      'webhook-timestamp': String(now.getTime() / 1000),
    });
    expect(JSON.parse(request.body)).toEqual({
      type: 'api_key.paused',
      timestamp: now.toISOString(),
      data: { key: { id: KEY, publicPart: `sk_live_${KEY}`, name: 'one' }, actor: 'ada' },
    });
    expect(verifiedBy(secret, request)).toBe(true);
    const { publicKey } = new WebhookSigner([SECRET]).keysOf(id, 1);
    expect(publicKey).toMatch(/^whpk_[A-Za-z0-9+/]{43}=$/);
    expect(verifiedByPublicKey(publicKey, request)).toBe(true);
    expect(verifiedByPublicKey(publicKey, { ...request, body: request.body.replace('ada', 'eve') })).toBe(
      false,
    );
    const another = new WebhookSigner([SECRET]).keysOf((await addWebhook()).id, 1);
    expect(verifiedBy(another.secret, request)).toBe(false);
    expect(verifiedByPublicKey(another.publicKey, request)).toBe(false);
  });

  it('is sent as a later version has written it', async () => {
    const { id } = await addWebhook();
    const message = { id: 'msg_1', type: 'api_key.moved', timestamp: 'then', data: { to: 1 }, more: [2] };
    await database.transaction((manager) =>
      queue().put(manager, { channel: 'webhook', destination: id, subject: KEY, message }),
    );
    expect(await sendDue()).toEqual(['delivered']);
    expect(JSON.parse(receiver.reached[0]?.body ?? '')).toEqual({
      type: 'api_key.moved',
      timestamp: 'then',
      data: { to: 1 },
      more: [2],
    });
  });
});

describe('a secret', () => {
  it('from before a rotation signs as well, for 24 hours', async () => {
    const { id, secret: old } = await addWebhook();
    const rotate = new RotateWebhookSecret(database, new WebhookSigner([SECRET]));
    const rotated = await rotate.execute(id, keysItself);
    if (rotated.outcome !== 'rotated') throw new Error(rotated.outcome);
    expect(rotated.secret).not.toBe(old);
    now = new Date((await server.query('SELECT now()')).rows[0].now);
    const verifiable = async (name: string): Promise<boolean[]> => {
      await put(id, name);
      await sendDue();
      const request = receiver.reached.at(-1);
      if (request?.headers['webhook-id'] !== `msg_${name}`) throw new Error('nothing was sent');
      return [verifiedBy(old, request), verifiedBy(rotated.secret, request)];
    };
    pass(24 * 3600 - 60);
    expect(await verifiable('within')).toEqual([true, true]);
    pass(120);
    expect(await verifiable('after')).toEqual([false, true]);
  });

  it('that follows from an older WEBHOOK_SECRET signs as long as that one is listed', async () => {
    const { id, secret } = await addWebhook();
    const signed = async (secrets: string[]): Promise<boolean> => {
      const name = String(receiver.reached.length);
      await put(id, name);
      expect(await sendDue(channel({ secrets }))).toEqual(['delivered']);
      const request = receiver.reached.at(-1);
      if (request === undefined) throw new Error('nothing was sent');
      return verifiedBy(secret, request);
    };
    const NEW = 'the-next-webhook-secret-of-this-test-0123456';
    expect(await signed([SECRET, NEW])).toBe(true);
    expect(await signed([NEW, SECRET])).toBe(true);
    expect(await signed([NEW])).toBe(false);
  });

  it('is needed: without WEBHOOK_SECRET, events wait', async () => {
    const { id } = await addWebhook();
    await put(id, 'one');
    expect(await sendDue(channel({ secrets: [] }))).toEqual(['retried']);
    expect(await errors()).toEqual(['WEBHOOK_SECRET is not set']);
    pass(60);
    expect(await sendDue()).toEqual(['delivered']);
  });
});

describe('a receiver', () => {
  it('that comes back after an hour gets everything, in the order of each key', async () => {
    const { id } = await addWebhook();
    receiver.respond((_, res) => res.writeHead(503).end());
    const keys = [newKeyId(), newKeyId(), newKeyId()];
    for (let n = 0; n < 4; n++) for (const key of keys) await put(id, `${key}-${n}`, key);
    await sendAll();
    expect(await stateOf(id)).toMatchObject({ enabled: true, failing: true });
    // One after the other, and ever more rarely: it is not flooded while it is unavailable.
    expect(receiver.reached.length).toBeLessThan(12 * 8);
    receiver.reached.splice(0);
    receiver.respond();
    await sendAll();
    expect(await stateOf(id)).toMatchObject({ enabled: true, failing: false });
    expect(logged).toEqual(['a webhook takes no events: answered 503', 'a webhook takes events again']);
    expect(new Set(received()).size).toBe(12);
    for (const key of keys)
      expect(received().filter((name) => String(name).startsWith(`msg_${key}`))).toEqual(
        [0, 1, 2, 3].map((n) => `msg_${key}-${n}`),
      );
  });

  it.each<[name: string, begin: () => unknown, error: RegExp]>([
    ['that refuses connections', () => receiver.stop(), /ECONNREFUSED/],
    ['that closes the connection before it answers', () => closes(), /other side closed|ECONNRESET/],
    ['that closes it within the head of its answer', () => says('HTTP/1.1 200 O'), /closed|ECONNRESET/],
    ['that is no web server', () => says('220 mail.example.com ESMTP\r\n'), /HTTP|Parse/],
    ['that does not answer', () => receiver.respond(() => undefined), /no answer within 0\.2 seconds/],
    ['that answers 500', () => answers(500), /^answered 500$/],
    ['that answers 404', () => answers(404), /^answered 404$/],
    ['that answers 302', () => answers(302), /^answered 302: redirects are not followed, change the URL$/],
  ])('%s gets the event again', async (_, begin, error) => {
    const { id } = await addWebhook();
    const { port } = new URL(receiver.url);
    await begin();
    await put(id, 'one');
    expect(await sendDue(channel({ timeoutMs: 200 }))).toEqual(['retried']);
    expect(await errors()).toEqual([expect.stringMatching(error)]);
    expect(await stateOf(id)).toMatchObject({ enabled: true, failing: true });
    await receiver.stop();
    receiver = await FakeUpstream.start(Number(port));
    pass(3600);
    expect(await sendDue()).toEqual(['delivered']);
    expect(received()).toEqual(['msg_one']);
    expect(await stateOf(id)).toMatchObject({ enabled: true, failing: false });
  });

  const closes = (): void => receiver.respond((req) => req.socket.destroy());
  const says = (text: string): void => receiver.respond((req) => req.socket.end(text));
  const answers = (status: number): void =>
    receiver.respond((_, res) => res.writeHead(status, { location: `${receiver.url}/elsewhere` }).end());

  it('is not followed where it redirects', async () => {
    const { id } = await addWebhook();
    answers(307);
    await put(id, 'one');
    await sendDue();
    expect(receiver.reached.map(({ url }) => url)).toEqual(['/']);
  });

  it('has taken an event once its status says so, whatever follows', async () => {
    const { id } = await addWebhook();
    receiver.respond((req, res) => {
      res.writeHead(200, { 'content-length': '1000' }).write('a');
      setImmediate(() => req.socket.destroy());
    });
    await put(id, 'cut off');
    expect(await sendDue()).toEqual(['delivered']);
    receiver.respond((_, res) => res.writeHead(204).end());
    await put(id, 'empty');
    expect(await sendDue()).toEqual(['delivered']);
    receiver.respond((_, res) => {
      const more = (): void => {
        if (!res.destroyed) res.write('x'.repeat(10_000), () => setImmediate(more));
      };
      res.writeHead(200);
      more();
    });
    await put(id, 'endless');
    expect(await sendDue()).toEqual(['delivered']);
  });

  it.each([
    [429, '120', 120],
    [503, '1800', 1800],
    [503, '86400', 3600],
    [500, '600', 600],
  ])('that answers %d with Retry-After: %s is left alone for %d seconds', async (status, after, seconds) => {
    const { id } = await addWebhook();
    receiver.respond((_, res) => res.writeHead(status, { 'retry-after': after }).end());
    await put(id, 'one');
    expect(await sendDue()).toEqual(['retried']);
    receiver.respond();
    pass(seconds - 1);
    expect(await sendDue()).toEqual([]);
    pass(2);
    expect(await sendDue()).toEqual(['delivered']);
  });

  it('that answers 410 gets nothing more, and the audit log says why', async () => {
    const { id } = await addWebhook();
    answers(410);
    await put(id, 'one');
    await put(id, 'two', newKeyId());
    await put(id, 'three');
    await sendAll();
    expect(await stateOf(id)).toEqual({ enabled: false, disabled_reason: 'answered 410', failing: false });
    expect(
      (await errors()).every((error) => /^answered 410$|^the webhook is disabled$/.test(String(error))),
    ).toBe(true);
    expect(receiver.reached.length).toBeLessThan(3);
    expect(logged).toEqual(['a webhook was disabled: answered 410']);
    const { rows } = await server.query(
      "SELECT actor, details FROM audit_events WHERE action = 'webhook.disabled'",
    );
    expect(rows).toEqual([
      { actor: 'keys', details: { webhookId: id, to: receiver.url, reason: 'answered 410' } },
    ]);
  });

  it('that was removed gets nothing more', async () => {
    const { id } = await addWebhook();
    await put(id, 'one');
    await database.query('DELETE FROM webhook_endpoints');
    expect(await sendDue()).toEqual(['failed']);
    expect(await errors()).toEqual(['the webhook was removed']);
  });
});

describe('private addresses', () => {
  const post = (url: string, addresses: LookupAddress[] = []) => {
    const resolve: PostOptions['resolve'] = (_host, _options, callback) => callback(null, addresses);
    const sender = new PostWebhook({ allowPrivate: false, timeoutMs: 5_000, resolve });
    posts.push(sender);
    return sender.execute(url, {}, '{}', new AbortController().signal);
  };
  const refused = {
    outcome: 'unanswered',
    reason: expect.stringContaining('is not an address of the internet'),
  };

  it.each([
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '017700000001',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[64:ff9b::127.0.0.1]',
    '169.254.169.254',
  ])('are not connected to: https://%s/', async (host) => {
    const { port } = new URL(receiver.url);
    expect(await post(`https://${host}:${port}/`)).toEqual(refused);
    expect(receiver.reached).toEqual([]);
  });

  it('are not connected to by a name, whichever of its addresses they are', async () => {
    const url = `https://hooks.example.com:${new URL(receiver.url).port}/`;
    const loopback = { address: '127.0.0.1', family: 4 };
    const mapped = { address: '::ffff:7f00:1', family: 6 };
    expect(await post(url, [loopback])).toEqual(refused);
    expect(await post(url, [mapped, loopback])).toEqual(refused);
    expect(receiver.reached).toEqual([]);
  });

  it('and plain HTTP are refused to a webhook from when they were allowed', async () => {
    const { id } = await addWebhook();
    await put(id, 'one');
    expect(await sendDue(channel({ allowPrivate: false }))).toEqual(['retried']);
    expect(await errors()).toEqual(['http: is not allowed without WEBHOOK_ALLOW_PRIVATE']);
    expect(receiver.reached).toEqual([]);
  });

  it('are found by the system’s own resolver, too', async () => {
    const { port } = new URL(receiver.url);
    const sender = new PostWebhook({ allowPrivate: false });
    posts.push(sender);
    const { signal } = new AbortController();
    expect(await sender.execute(`https://localhost:${port}/`, {}, '{}', signal)).toEqual(refused);
    expect(receiver.reached).toEqual([]);
  });
});
