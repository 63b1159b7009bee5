import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Answer, Stack, TEST_SECRETS, call } from '#libs/testing';
import { Visitor } from '../dashboard/visitor.js';

let stack: Stack;
let token: string;
let keyId: string;
let ada: Visitor;
beforeAll(async () => {
  stack = await Stack.start({ dashboards: 1 });
  const issued = await stack.issue('ada', ['desktop:control', 'kb:read', 'schedule:write']);
  token = issued.token;
  keyId = issued.key.id;
  ada = new Visitor(stack.dashboardUrl);
  await ada.signUp();
});
afterAll(() => stack.stop());

/** Written as text, since an object literal with these fields would be something else. */
function withField(body: object, name: string): string {
  return JSON.stringify({ ...body, field: 1 }).replace('"field"', JSON.stringify(name));
}

function send(url: string, body: string, credential?: string): Promise<Answer> {
  const headers = {
    'content-type': 'application/json',
    origin: stack.dashboardUrl,
    cookie: ada.cookieFor(stack.dashboardUrl),
  };
  return call(url, credential, { method: 'POST', headers, body });
}

// The parser itself refuses __proto__.
const NAMES = Object.getOwnPropertyNames(Object.prototype).filter((name) => name !== '__proto__');

describe('a field that every object inherits', () => {
  it.each(NAMES)('is unknown in a body: %s', async (name) => {
    const { gatewayUrl, keysUrl, dashboardUrl } = stack;
    const manage = TEST_SECRETS.KEYS_MANAGE_TOKEN;
    const answers = await Promise.all([
      send(`${gatewayUrl}/v1/desktops/d-1/click`, withField({ x: 1, y: 1 }, name), token),
      send(`${keysUrl}/keys/${keyId}/revoke`, withField({ reason: 'x' }, name), manage),
      send(`${keysUrl}/owners/ada/suspend`, withField({}, name), manage),
      send(`${dashboardUrl}/api/keys`, withField({ name: 'x', capabilities: ['kb:read'] }, name)),
      send(`${dashboardUrl}/api/auth/sign-in/email`, withField({ email: 'a@b.c', password: 'x' }, name)),
    ]);
    for (const answer of answers) {
      expect(answer).toMatchObject({
        status: 400,
        body: {
          code: 'invalid_request',
          detail: `Unknown field "${name}".`,
          errors: [{ pointer: `/${name}`, detail: `Unknown field "${name}".` }],
        },
      });
    }
  });

  it.each([...NAMES, '__proto__'])('is unknown in a query: %s', async (name) => {
    const wanted = { status: 400, body: { detail: `Unknown field "${name}".` } };
    expect(await call(`${stack.gatewayUrl}/v1/kb/search?q=x&${name}=1`, token)).toMatchObject(wanted);
    const keys = `${stack.keysUrl}/owners/ada/keys?${name}=1`;
    expect(await call(keys, TEST_SECRETS.KEYS_MANAGE_TOKEN)).toMatchObject(wanted);
    expect(await ada.get(`/api/keys?${name}=1`)).toMatchObject(wanted);
  });

  it('has changed nothing', async () => {
    expect(await stack.manage.get(keyId)).toMatchObject({ state: 'active' });
    expect(await stack.manage.getOwner('ada')).toMatchObject({ suspendedAt: null });
  });
});
