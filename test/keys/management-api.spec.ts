import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RunningProcess, Stack, TEST_SECRETS, runFolder, uniqueName } from '#libs/testing';
import { wrongValues } from '../gateway/contract/values.js';
import { MAX_WEBHOOKS } from '#libs/keys-contract';
import { DocumentedCalls, OPERATIONS, documentedAnswers } from './management-api/documented-calls.js';

/*
 * openapi.keys.json and the service agree: each operation is called successfully and with every mistake that the document
 * says it refuses, and everything in its answers is described.
 */

/** The values are the same in every run. */
const SEED = 20_261_127;

/** Problems that need a failure somewhere else, or patience. */
const NOT_BY_A_CALLER = ['internal_error', 'unavailable', 'request_timeout'];

/** The answer of a service that is set up otherwise; `webhooks.spec` has one. */
const OTHERWISE_SET_UP = 'webhooks_not_set_up';

let stack: Stack;
let api: DocumentedCalls;
beforeAll(async () => {
  stack = await Stack.start({ gateways: 0, env: { KEYS_PER_OWNER: '3', WEBHOOK_ALLOW_PRIVATE: 'true' } });
  api = new DocumentedCalls(stack.keysUrl);
  await api.call('owners_put', { ids: { ownerId: 'ada' }, body: { email: 'ada@example.com' } });
});
afterAll(() => stack.stop());

const named = OPERATIONS.map((operation) => [operation.id, operation] as const);

it.each(named)('%s refuses strangers and malformed requests as documented', async (id, { takesBody }) => {
  const token = TEST_SECRETS.KEYS_MANAGE_TOKEN;
  await api.call(id, { tokens: [] });
  await api.call(id, { tokens: ['sk_live_of_somebody'] });
  await api.call(id, { tokens: [token, token] });
  if (!takesBody) return;
  await api.call(id, { body: { unheardOf: 1 } });
  await api.call(id, { body: { name: 'x'.repeat(17_000) } });
  await api.call(id, { headers: { 'content-type': 'text/plain' } });
});

const RIGHT_BODIES: Readonly<Record<string, object>> = {
  owners_put: { email: 'ada@example.com' },
  keys_issue: { name: 'CI', capabilities: ['kb:read'] },
  keys_expire: { expiresAt: '2099-01-01T00:00:00Z' },
  audit_record: { id: '0198f3a0-0000-7000-8000-00000000000b', action: 'person.signed_in', ownerId: 'ada' },
  webhooks_create: { url: 'https://hooks.example.com/' },
};

const withFields = OPERATIONS.filter(({ fields }) => fields.length > 0).map(
  ({ id, fields }) => [id, fields] as const,
);

it.each(withFields)(
  '%s refuses values that its document excludes, and names the field',
  async (id, fields) => {
    for (const { place, name, schema, isNullable } of fields)
      for (const { what, values, isText } of wrongValues(schema)) {
        if (place === 'query' ? !isText : what === 'null' && isNullable) continue;
        for (const value of fc.sample(values, { seed: SEED, numRuns: 3 })) {
          const given =
            place === 'query'
              ? { query: { [name]: String(value) } }
              : { body: { ...RIGHT_BODIES[id], [name]: value } };
          expect({
            name,
            what,
            value,
            answer: await api.call(id, { ids: { ownerId: 'ada' }, ...given }),
          }).toMatchObject({
            answer: { code: 'invalid_request', errors: [{ pointer: expect.stringMatching(`^/${name}`) }] },
          });
        }
      }
  },
);

it('what can be read without knowing an ID is answered as documented', async () => {
  for (const { id, method, path } of OPERATIONS)
    if (method === 'GET' && !path.includes('{')) await api.call(id);
});

it('owners are created, shown, listed, suspended and resumed as documented', async () => {
  const ids = { ownerId: 'grace' };
  const owner = await api.call('owners_put', {
    ids,
    body: { email: 'grace@example.com', emailVerified: true },
  });
  expect(await api.call('owners_get', { ids })).toEqual(owner);
  const suspended = await api.call('owners_suspend', { ids });
  const query = { suspended: 'true', search: 'GRACE@' };
  expect(await api.call('owners_list', { query })).toEqual({ owners: [suspended], nextCursor: null });
  expect(await api.issue('grace')).toMatchObject({ code: 'owner_suspended' });
  expect(await api.call('owners_resume', { ids })).toEqual(owner);
  for (const id of ['owners_get', 'owners_suspend', 'owners_resume'])
    expect(await api.call(id)).toMatchObject({ code: 'not_found' });
});

it('what happened to a person is recorded as documented, once however often it is sent', async () => {
  const body = {
    id: '0198f3a0-0000-7000-8000-00000000000a',
    action: 'person.sign_in_failed',
    ownerId: 'not-yet-an-owner',
    actor: 'unknown',
    address: '2001:DB8::7',
    agoMs: 3_600_000,
    method: 'password',
    attempts: 12,
    limited: 2,
  };
  const headers = { 'x-request-id': 'click-of-somebody' };
  expect(await api.call('audit_record', { body, headers })).toEqual({ isNew: true });
  const again = { ...body, id: body.id.toUpperCase() };
  expect(await api.call('audit_record', { body: again })).toEqual({ isNew: false });
  const { events } = Object(await api.call('audit_list', { query: { ownerId: body.ownerId } }));
  expect(events).toEqual([
    {
      id: expect.any(String),
      at: expect.any(String),
      action: body.action,
      ownerId: body.ownerId,
      keyId: null,
      key: null,
      actor: 'unknown',
      address: '2001:db8::7',
      requestId: 'click-of-somebody',
      details: { method: 'password', attempts: 12, limited: 2 },
    },
  ]);
  const { rows } = await stack.database.query(
    `SELECT now() - at BETWEEN '1 hour' AND '2 hours' AS "isAnHourAgo" FROM audit_events WHERE owner_id = $1`,
    [body.ownerId],
  );
  expect(rows).toEqual([{ isAnHourAgo: true }]);
});

it('keys are created, shown, listed and ended as documented', async () => {
  expect(await api.issue('nobody')).toMatchObject({ code: 'not_found' });
  const more = { rateLimitPerMinute: 60, expiresAt: '2099-01-01T00:00:00Z' };
  const once = { 'idempotency-key': 'once' };
  const { key } = Object(await api.issue('ada', more, once));
  expect(await api.issue('ada', more, once)).toMatchObject({ code: 'already_issued', key });
  expect(await api.issue('ada', {}, once)).toMatchObject({ code: 'idempotency_key_reused' });
  await api.issue('ada', { replaces: key.id });
  const { key: last } = Object(await api.issue('ada'));
  expect(await api.issue('ada')).toMatchObject({ code: 'too_many_keys' });

  const ids = { keyId: key.id };
  expect(await api.call('keys_get', { ids })).toEqual(key);
  expect(await api.call('keys_activity', { ids })).toEqual({ activity: [] });
  expect(await api.call('keys_usage', { ids })).toMatchObject({ lastAt: null, lastDay: { requests: 0 } });
  expect(await api.call('keys_exposures', { ids })).toEqual({ exposures: [] });
  const page = await api.call('keys_list', { ids: { ownerId: 'ada' }, query: { limit: '1' } });
  expect(page).toEqual({ keys: [last], nextCursor: last.id });
  expect(await api.call('keys_search', { query: { ownerId: 'ada', capability: 'kb:read' } })).toMatchObject({
    keys: [last, { replaces: key.id }, key],
  });

  const expire = (year: number): Promise<object> =>
    api.call('keys_expire', { ids, body: { expiresAt: `${year}-01-01T00:00:00Z` } });
  expect(await expire(2098)).toMatchObject({ effective: true });
  expect(await expire(2099)).toMatchObject({ code: 'expiry_too_late' });
  expect(await api.call('keys_pause', { ids })).toMatchObject({ effective: true, key: { state: 'paused' } });
  expect(await api.call('keys_resume', { ids })).toMatchObject({ effective: true, key: { state: 'active' } });
  expect(await api.call('keys_revoke', { ids, body: { reason: 'leaked' } })).toMatchObject({
    effective: true,
  });
  for (const id of ['keys_pause', 'keys_resume'])
    expect(await api.call(id, { ids })).toMatchObject({ code: 'key_ended' });
  expect(await expire(2097)).toMatchObject({ code: 'key_ended' });
  const query = { keyId: key.id, action: 'key.revoked' };
  expect(await api.call('audit_list', { query })).toMatchObject({
    events: [{ actor: 'manage', ownerId: 'ada', keyId: key.id, details: { reason: 'leaked' } }],
  });
  for (const id of [
    'keys_get',
    'keys_activity',
    'keys_usage',
    'keys_exposures',
    'keys_pause',
    'keys_resume',
    'keys_revoke',
  ])
    expect(await api.call(id)).toMatchObject({ code: 'not_found' });
  const body = { expiresAt: '2098-01-01T00:00:00Z' };
  expect(await api.call('keys_expire', { body })).toMatchObject({ code: 'not_found' });
});

it('webhooks are added, shown, changed, tried and removed as documented', async () => {
  const url = 'http://127.0.0.1:1/hooks';
  const add = (): Promise<object> => api.call('webhooks_create', { body: { url } });
  const { webhook, secret } = Object(await add());
  expect(webhook).toMatchObject({ url, events: [], enabled: true, secretVersion: 1 });
  const ids = { webhookId: webhook.id };
  expect(await api.call('webhooks_get', { ids })).toEqual(webhook);
  const rotated = Object(await api.call('webhooks_rotate_secret', { ids }));
  expect([rotated.webhook.secretVersion, rotated.secret === secret]).toEqual([2, false]);
  const delivery = Object(await api.call('webhooks_test', { ids }));
  expect(delivery).toMatchObject({ event: 'webhook.test', subject: webhook.id });
  const replay = { ids: { ...ids, deliveryId: delivery.id } };
  expect(await api.call('webhooks_replay', replay)).toMatchObject({ eventId: delivery.eventId });
  expect(await api.call('webhooks_deliveries', { ids })).toMatchObject({ deliveries: [{ id: delivery.id }] });
  expect(await api.call('webhooks_update', { ids, body: { enabled: false } })).toMatchObject({
    enabled: false,
  });
  expect(await api.call('webhooks_test', { ids })).toMatchObject({ code: 'webhook_disabled' });
  expect(await api.call('webhooks_replay', replay)).toMatchObject({ code: 'webhook_disabled' });

  for (let n = 1; n < MAX_WEBHOOKS; n++) await add();
  expect(await add()).toMatchObject({ code: 'too_many_webhooks' });
  expect(await api.call('webhooks_remove', { ids })).toMatchObject({ id: webhook.id });
  const { webhooks } = Object(await api.call('webhooks_list'));
  expect(webhooks).toHaveLength(MAX_WEBHOOKS - 1);
  for (const { id } of OPERATIONS.filter(({ path }) => path.startsWith('/webhooks/')))
    expect(await api.call(id, { ids })).toMatchObject({ code: 'not_found' });
  const unknown = { ids: { webhookId: webhooks[0].id, deliveryId: delivery.id } };
  expect(await api.call('webhooks_replay', unknown)).toMatchObject({ code: 'not_found' });
});

it('each operation was heard to succeed, and to refuse for every reason that lies with its caller', () => {
  const documented = documentedAnswers();
  for (const answers of documented.values()) {
    answers.delete(OTHERWISE_SET_UP);
    for (const answer of NOT_BY_A_CALLER)
      expect(answers.delete(answer) || answer === 'request_timeout').toBe(true);
  }
  expect(api.heard).toEqual(documented);
});

it('a client is generated from the served document, type-checks, and issues, lists and revokes a key', async () => {
  const root = join(import.meta.dirname, '../../..');
  const readme = readFileSync(join(root, 'apps/keys/README.md'), 'utf8');
  const [generate, program] = ['sh', 'ts'].map(
    (language) => new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(readme)?.[1] ?? '',
  );
  const folder = runFolder('projects', uniqueName('client'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const compilerOptions = {
    target: 'es2023',
    module: 'nodenext',
    strict: true,
    skipLibCheck: true,
    types: ['node'],
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['main.ts'] }));
  writeFileSync(join(folder, 'main.ts'), program ?? '');

  const env = { KEYS_URL: stack.keysUrl, KEYS_MANAGE_TOKEN: TEST_SECRETS.KEYS_MANAGE_TOKEN };
  const run = async (command: string): Promise<string> => {
    const shell = new RunningProcess('bash', ['-ec', command], env, folder);
    expect({ command, code: await shell.exited, said: shell.stdout + shell.stderr }).toMatchObject({
      code: 0,
    });
    return shell.stdout;
  };
  await run(generate ?? '');
  await run('node node_modules/typescript/bin/tsc -p .');
  const printed = await run('node main.js');
  expect(printed).toMatch(/^[0-9A-Za-z]{22} Production CI\n[^]*No gateway accepts it any more: true\n$/);
  expect(await stack.manage.get(printed.slice(0, 22))).toMatchObject({ ownerId: 'ada', state: 'revoked' });
});
