import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Stack, TEST_SECRETS, noteIssued, startProgram, until } from '#libs/testing';
import { makeProgram } from '../../apps/cli/src/program.js';
import type { PersonalEvent } from '../../apps/dashboard/src/contract.js';
import { OPERATIONS } from '../keys/management-api/documented-calls.js';
import { Visitor } from './visitor.js';

let stack: Stack;
beforeAll(async () => void (stack = await Stack.start({ gateways: 0, dashboards: 1 })));
afterAll(() => stack.stop());

async function signedUp(): Promise<{ visitor: Visitor; id: string }> {
  const visitor = new Visitor(stack.dashboardUrl);
  await visitor.signUp();
  return { visitor, id: (await visitor.get('/api/session')).body.user.id };
}

/** What there is to change. */
interface Subjects {
  readonly ownerId: string;
  readonly keyId: string;
  readonly webhookId: string;
}

/** How a change is made through each face, where it has it. */
interface Change {
  /** The operation of the management API. */
  readonly operation: string;
  readonly action: string;
  readonly body?: object;
  /** What there must be to change. */
  readonly before?: (subjects: Subjects) => Promise<unknown>;
  /** Arguments of the command line. */
  readonly command?: (subjects: Subjects) => string[];
  /** The request to the dashboard's backend. */
  readonly page?: { readonly path: (keyId: string) => string; readonly body?: object };
}

const NEW_KEY = { name: 'CI', capabilities: ['kb:read'] };
const EXPIRY = { expiresAt: '2099-01-01T00:00:00Z' };
const WEBHOOK = 'https://hooks.example.com/keys';

const CHANGES: readonly Change[] = [
  {
    operation: 'owners_put',
    action: 'owner.changed',
    body: { email: 'changed@example.com', tier: 'pro' },
    command: ({ ownerId }) => ['owners', 'put', ownerId, '--email', 'changed-again@example.com'],
  },
  {
    operation: 'owners_suspend',
    action: 'owner.suspended',
    command: ({ ownerId }) => ['owners', 'suspend', `id:${ownerId}`],
  },
  {
    operation: 'owners_resume',
    action: 'owner.resumed',
    before: ({ ownerId }) => stack.manage.suspendOwner(ownerId),
    command: ({ ownerId }) => ['owners', 'resume', `id:${ownerId}`],
  },
  {
    operation: 'keys_issue',
    action: 'key.issued',
    body: NEW_KEY,
    command: ({ ownerId }) => [
      ...['issue', '--owner', `id:${ownerId}`, '--name', 'CI', '--capability', 'kb:read'],
    ],
    page: { path: () => '/api/keys', body: NEW_KEY },
  },
  {
    operation: 'keys_pause',
    action: 'key.paused',
    command: ({ keyId }) => ['pause', keyId],
    page: { path: (keyId) => `/api/keys/${keyId}/pause` },
  },
  {
    operation: 'keys_resume',
    action: 'key.resumed',
    before: ({ keyId }) => stack.manage.pause(keyId),
    command: ({ keyId }) => ['resume', keyId],
    page: { path: (keyId) => `/api/keys/${keyId}/resume` },
  },
  {
    operation: 'keys_expire',
    action: 'key.expiry_set',
    body: EXPIRY,
    command: ({ keyId }) => ['expire', keyId, '--at', EXPIRY.expiresAt],
    page: { path: (keyId) => `/api/keys/${keyId}/expire`, body: EXPIRY },
  },
  {
    operation: 'keys_revoke',
    action: 'key.revoked',
    command: ({ keyId }) => ['revoke', keyId],
    page: { path: (keyId) => `/api/keys/${keyId}/revoke` },
  },
  {
    operation: 'audit_record',
    action: 'person.signed_in',
    body: { id: randomUUID(), action: 'person.signed_in', ownerId: 'ada' },
  },
  {
    operation: 'webhooks_create',
    action: 'webhook.created',
    body: { url: WEBHOOK },
    command: () => ['webhooks', 'add', WEBHOOK],
  },
  {
    operation: 'webhooks_update',
    action: 'webhook.changed',
    body: { enabled: false },
    command: ({ webhookId }) => ['webhooks', 'update', webhookId, '--disable'],
  },
  {
    operation: 'webhooks_rotate_secret',
    action: 'webhook.secret_rotated',
    command: ({ webhookId }) => ['webhooks', 'rotate-secret', webhookId],
  },
  {
    operation: 'webhooks_remove',
    action: 'webhook.removed',
    command: ({ webhookId }) => ['webhooks', 'remove', webhookId],
  },
];

/** Operations that send what was recorded already, or a test, and change nothing. */
const SENDING = ['webhooks_test', 'webhooks_replay'];

/** Commands that change nothing by themselves; find --revoke revokes as revoke does. */
const READING = [
  ...['list', 'show', 'activity', 'find', 'capabilities', 'audit', 'scanning', 'owners show', 'owners list'],
  ...['webhooks list', 'webhooks show', 'webhooks deliveries', 'webhooks test', 'webhooks replay'],
];

async function newSubjects(): Promise<Subjects> {
  const ownerId = `owner-${randomUUID()}`;
  const { key } = await stack.issue(ownerId, ['kb:read']);
  const { webhooks } = await stack.manage.listWebhooks();
  // There may be few of them.
  for (const { id } of webhooks) await stack.manage.removeWebhook(id);
  const { webhook } = await stack.manage.createWebhook({ url: WEBHOOK });
  return { ownerId, keyId: key.id, webhookId: webhook.id };
}

describe('every change', () => {
  it('of the management API and of the command line is in the table of this test', () => {
    const changing = OPERATIONS.filter(({ method }) => method !== 'GET').map(({ id }) => id);
    const known = [...CHANGES.map(({ operation }) => operation), ...SENDING];
    expect(known.sort()).toEqual([...changing].sort());
    const nothing = (): never => {
      throw new Error('nothing is called');
    };
    const program = makeProgram({
      connect: nothing,
      input: nothing,
      output: { result: nothing, say: nothing },
    });
    const commands = program.commands.flatMap((command) =>
      command.commands.length === 0
        ? [command.name()]
        : command.commands.map((sub) => `${command.name()} ${sub.name()}`),
    );
    const tried = CHANGES.flatMap(({ command }) => {
      const [name = '', sub = ''] = command?.({ ownerId: '', keyId: '', webhookId: '' }) ?? [];
      return name === '' ? [] : [name === 'owners' || name === 'webhooks' ? `${name} ${sub}` : name];
    });
    expect([...tried, ...READING].sort()).toEqual([...commands].sort());
  });

  /** The only event of that kind and actor, whose request is in the logs of those services. */
  async function expectEvent(
    { action }: Change,
    { actor, address, requestId }: { actor: string; address: string; requestId?: string },
  ): Promise<void> {
    const { events } = await stack.manage.listAuditEvents({ action, actor });
    const ofRequest = events.filter((event) => requestId === undefined || event.requestId === requestId);
    expect(ofRequest).toMatchObject([{ action, actor, address, requestId: expect.any(String) }]);
    const line = `"requestId":"${ofRequest[0]?.requestId ?? ''}"`;
    await until(() => stack.keys.every(({ service }) => service.process.stdout.includes(line)));
    if (requestId !== undefined)
      await until(() => stack.dashboards.every(({ process }) => process.stdout.includes(line)));
  }

  it.each(CHANGES.map((change) => [change.operation, change] as const))(
    'has its actor, address and request: %s',
    async (_, change) => {
      const { operation, body, before, command, page } = change;

      const subjects = await newSubjects();
      await before?.(subjects);
      const { method = '', path = '' } = OPERATIONS.find(({ id }) => id === operation) ?? {};
      const url = new URL(
        path.replace(/\{(\w+)\}/, (_, name) => Object(subjects)[name]),
        stack.keysUrl,
      );
      const requestId = `${operation}-by-api`;
      const origin = { actor: `${operation} by api`, address: '2001:DB8::5' };
      // A DELETE has no body.
      if (method === 'DELETE') url.search = new URLSearchParams(origin).toString();
      const answer = await fetch(url, {
        method,
        headers: {
          authorization: `Bearer ${TEST_SECRETS.KEYS_MANAGE_TOKEN}`,
          ...(method === 'DELETE' ? {} : { 'content-type': 'application/json' }),
          'x-request-id': requestId,
        },
        ...(method === 'DELETE' ? {} : { body: JSON.stringify({ ...body, ...origin }) }),
      });
      expect(answer.ok).toBe(true);
      noteToken(await answer.json().catch(() => undefined));
      await expectEvent(change, { actor: origin.actor, address: '2001:db8::5' });
      const { events } = await stack.manage.listAuditEvents({ actor: origin.actor });
      expect(events).toMatchObject([{ requestId }]);

      if (command !== undefined) {
        const others = await newSubjects();
        await before?.(others);
        const { KEYS_MANAGE_TOKEN } = TEST_SECRETS;
        const env = {
          KEYS_URL: stack.keysUrl,
          KEYS_MANAGE_TOKEN,
          SSH_CONNECTION: '203.0.113.77 50000 ::1 22',
        };
        const actor = `${operation} by command`;
        const program = startProgram('bin/cli.js', env, [...command(others), '--actor', actor]);
        expect([await program.exited, program.stderr]).toEqual([0, expect.any(String)]);
        if (operation === 'keys_issue') noteIssued(program.stdout.trim());
        await expectEvent(change, { actor, address: '203.0.113.77' });
      }

      if (page !== undefined) {
        const { visitor, id } = await signedUp();
        const { body: made } = await visitor.makeKey();
        await before?.({ ...subjects, ownerId: id, keyId: made.key.id });
        const { headers, status, body: shown } = await visitor.post(page.path(made.key.id), page.body);
        expect(status).toBeLessThan(300);
        noteToken(shown);
        const ofResponse = headers.get('x-request-id') ?? '';
        await expectEvent(change, { actor: id, address: '127.0.0.1', requestId: ofResponse });
      }
    },
  );

  it('has them when a person uses keys for the first time, which makes them an owner', async () => {
    const { visitor, id } = await signedUp();
    const { headers } = await visitor.get('/api/keys');
    const { events } = await stack.manage.listAuditEvents({ ownerId: id, action: 'owner.created' });
    expect(events).toMatchObject([
      { actor: id, address: '127.0.0.1', requestId: headers.get('x-request-id') },
    ]);
  });
});

describe('the audit log of a person', () => {
  it('has what happened to them and to their keys, newest first, page by page', async () => {
    const { visitor, id } = await signedUp();
    const { key } = (await visitor.makeKey('Production CI')).body;
    await visitor.post(`/api/keys/${key.id}/pause`);
    await stack.manage
      .from({ actor: 'cli:grace', address: '203.0.113.9' })
      .revoke(key.id, { reason: 'leaked' });
    await until(async () => (await eventsOf(visitor)).some(({ action }) => action === 'person.signed_in'));
    const events = await eventsOf(visitor);
    expect(events).toEqual(
      [...events].sort((a, b) => b.at.localeCompare(a.at) || Number(b.id) - Number(a.id)),
    );
    const named = { name: 'Production CI', last4: key.last4 };
    const byThem = { isYours: true, actor: null, address: '127.0.0.1' };
    expect(events.filter(({ action }) => !action.startsWith('person.'))).toMatchObject([
      // Where operators are is their own affair.
      {
        action: 'key.revoked',
        isYours: false,
        actor: 'cli:grace',
        address: null,
        key: named,
        details: { reason: 'leaked' },
      },
      { action: 'key.paused', ...byThem, key: named },
      { action: 'key.issued', ...byThem, key: named },
      { action: 'owner.created', ...byThem, key: null },
    ]);
    expect(events.filter(({ action }) => action.startsWith('person.'))).toMatchObject([
      { action: 'person.signed_in', ...byThem, key: null, details: { method: 'password' } },
    ]);
    const pages = [];
    for (let cursor = ''; ;) {
      const { body } = await visitor.get(`/api/audit?limit=2${cursor}`);
      pages.push(...body.events);
      if (body.nextCursor === null) break;
      cursor = `&cursor=${body.nextCursor}`;
    }
    expect(pages).toEqual(events);
    expect(JSON.stringify(events)).not.toContain(id);
  });

  it('says where a key was found, and leaves out details that it does not understand', async () => {
    const { visitor, id } = await signedUp();
    const { key } = (await visitor.makeKey()).body;
    const details = { source: 'github', url: 'https://example.com/a/b', reason: null, before: { a: 1 } };
    await stack.database.query(
      `INSERT INTO audit_events (action, actor, address, owner_id, key_id, details)
       VALUES ('key.exposed', 'github report', '203.0.113.8', $1, $2, $3)`,
      [id, key.id, JSON.stringify(details)],
    );
    const [event] = await eventsOf(visitor);
    expect(event).toMatchObject({ action: 'key.exposed', actor: 'github report', address: null });
    expect(event?.details).toEqual({ url: details.url });
  });

  it('says nothing about other people', async () => {
    const [ada, eve] = [await signedUp(), await signedUp()];
    await ada.visitor.makeKey();
    await eve.visitor.makeKey();
    // As when an address that both have had is verified for the one.
    await stack.manage
      .from({ actor: eve.id, address: '203.0.113.66', requestId: 'request-of-eve' })
      .putOwner(ada.id, { email: ada.visitor.email, emailVerified: false, tier: 'pro' });
    const [changed] = await eventsOf(ada.visitor);
    expect(changed).toMatchObject({ action: 'owner.changed', isYours: false, actor: null, address: null });
    expect(JSON.stringify(changed)).not.toMatch(/203\.0\.113\.66|request-of-eve/);

    const { events } = await stack.manage.listAuditEvents({ ownerId: ada.id });
    const ids = new Set(events.map((event) => event.id));
    for (const parameter of [
      ...[`ownerId=${ada.id}`, `actor=${ada.id}`, `ownerId=${eve.id}&ownerId=${ada.id}`],
      ...[`keyId=${events.find((event) => event.keyId !== null)?.keyId ?? ''}`, `limit[ownerId]=${ada.id}`],
    ])
      expect((await eve.visitor.get(`/api/audit?${parameter}`)).status).toBe(400);
    for (const cursor of ids) {
      const { status, body } = await eve.visitor.get(`/api/audit?cursor=${cursor}`);
      expect(status).toBe(200);
      for (const event of body.events) expect(ids.has(event.id)).toBe(false);
    }
    expect((await new Visitor(stack.dashboardUrl).get('/api/audit')).status).toBe(401);
  });
});

async function eventsOf(visitor: Visitor): Promise<PersonalEvent[]> {
  return (await visitor.get('/api/audit?limit=200')).body.events;
}

function noteToken(answer: unknown): void {
  const { token } = Object(answer);
  if (typeof token === 'string') noteIssued(token);
}
