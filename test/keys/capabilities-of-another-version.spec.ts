import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LE_BUREAU } from '#libs/catalogue';
import { acknowledged, Stack, TEST_SECRETS, call, noteIssued, startProgram } from '#libs/testing';
import { Visitor } from '../dashboard/visitor.js';

/** A capability that only the other catalogue has. */
const UNKNOWN = 'invoices:read';
const { capabilities, ...others } = LE_BUREAU;
const added = { name: UNKNOWN, title: 'See invoices', description: 'List invoices.', group: 'kb' };
/** JSON is YAML. */
const ANOTHER = JSON.stringify({ ...others, names: undefined, capabilities: [...capabilities, added] });
const request = { name: 'By the command line', capabilities: [UNKNOWN, 'kb:read'] };

let stack: Stack;
let ada: Visitor;
let ownerId: string;
let odd: { token: string; id: string };
/** Only keys knows the other catalogue. */
async function restartKeys(catalogue: string): Promise<void> {
  await stack.keys[0]?.service.process.stop();
  await stack.keys[0]?.service.restart({ CATALOGUE: catalogue });
}
beforeAll(async () => {
  stack = await Stack.start({ dashboards: 1 });
  ada = new Visitor(stack.dashboardUrl);
  await ada.signUp();
  ownerId = (await ada.get('/api/session')).body.user.id;
  await restartKeys(ANOTHER);
  const { body } = await ada.makeKey('Of another catalogue', ['kb:read', UNKNOWN, 'desktop:read']);
  odd = { token: body.token, id: body.key.id };
  noteIssued((await stack.manage.issue(ownerId, request, 'the-same-request')).token);
});
afterAll(() => stack.stop());

const granted = ['desktop:read', 'kb:read', UNKNOWN];
const me = () => call(`${stack.gatewayUrl}/v1/me`, odd.token);

describe('a capability that only the keys service knows', () => {
  it('is granted, and reaches a gateway of another catalogue', async () => {
    expect((await stack.manage.catalogue())?.capabilities.at(-1)).toEqual({
      ...added,
      default: false,
      broad: false,
    });
    expect(await me()).toMatchObject({ status: 200, body: { capabilities: granted } });
    expect((await stack.manage.get(odd.id)).capabilities).toEqual(granted);
  });
});

describe('a key with a capability that has left the catalogue', () => {
  beforeAll(() => restartKeys(''));

  it('keeps it, and does not affect keys that are verified with it', async () => {
    const good: string[] = [];
    while (good.length < 20) good.push((await stack.issue('grace', ['desktop:read'])).token);
    const tokens = [...good.slice(0, 10), odd.token, ...good.slice(10)];
    const answers = await Promise.all(tokens.map((token) => call(`${stack.gatewayUrl}/v1/me`, token)));
    expect(answers.map(({ status }) => status)).toEqual(tokens.map(() => 200));
    expect(answers[10]?.body).toMatchObject({ capabilities: granted });
    expect((await call(`${stack.gatewayUrl}/v1/schedules`, odd.token)).body).toMatchObject({
      code: 'insufficient_scope',
      granted,
    });
  });

  it('is listed with the others by the management API, the command line and the page', async () => {
    await ada.makeKey('Beside it');
    const { keys } = await stack.manage.list(ownerId, { state: 'active' });
    expect(keys.map(({ name }) => name)).toEqual([
      'Beside it',
      'By the command line',
      'Of another catalogue',
    ]);
    expect((await ada.get('/api/keys')).body.keys).toHaveLength(3);
    const list = startProgram(
      'bin/cli.js',
      { KEYS_URL: stack.keysUrl, KEYS_MANAGE_TOKEN: TEST_SECRETS.KEYS_MANAGE_TOKEN },
      ['list', '--owner', ownerId],
    );
    expect(await list.exited).toBe(0);
    expect(list.stdout).toContain(UNKNOWN);
  });

  it('does not pass it on to a new key', async () => {
    const made = await ada.post('/api/keys', { name: 'x', capabilities: [UNKNOWN] });
    const detail = `Unknown capability "${UNKNOWN}". Choose from: ${LE_BUREAU.names.join(', ')}.`;
    const errors = [{ pointer: '/capabilities', detail }];
    expect(made).toMatchObject({ status: 400, body: { code: 'invalid_request', detail, errors } });
  });

  it('is not created twice if the request for it is repeated', async () => {
    const repeated = stack.manage.issue(ownerId, request, 'the-same-request');
    await expect(repeated).rejects.toMatchObject({ code: 'already_issued' });
  });

  it('is revoked like any other', async () => {
    const revocation = await acknowledged(() => stack.manage.revoke(odd.id));
    expect(revocation).toMatchObject({ effective: true, how: 'acknowledged' });
    expect((await me()).status).toBe(401);
  });
});
