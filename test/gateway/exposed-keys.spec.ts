import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KeyFormat, findPastedKeyId, newKeyId } from '#libs/key-format';
import { type Answer, Stack, TEST_SECRETS, call, callOnce } from '#libs/testing';

let stack: Stack;
beforeAll(async () => void (stack = await Stack.start({ gateways: 2 })));
afterAll(() => stack.stop());

/** Prints what only keys can print: with the right tag. */
const format = new KeyFormat({ prefix: 'sk_live', tagSecrets: [TEST_SECRETS.KEY_TAG_SECRET] });
const stranger = new KeyFormat({ prefix: 'sk_live', tagSecrets: ['the secret of a stranger'] });
const forged = (): string => stranger.print(newKeyId()).text;

function report(credentials: unknown, gateway = 0, type = 'application/json'): Promise<Answer> {
  return callOnce(`${stack.gateways[gateway]?.url ?? ''}/credentials/revoke`, undefined, {
    method: 'POST',
    headers: { 'content-type': type },
    body: JSON.stringify({ credentials }),
  });
}

/** Each gateway's status for a key. */
async function statuses(token: string): Promise<number[]> {
  return Promise.all(stack.gateways.map(async ({ url }) => (await callOnce(`${url}/v1/me`, token)).status));
}

const DONE = { status: 202, body: {} };

describe('keys that are reported as exposed', () => {
  it('are refused by every gateway once the report is answered, however many others it names', async () => {
    const issued = await Promise.all(['ada', 'ada', 'grace'].map((owner) => stack.issue(owner)));
    for (const { token } of issued) expect(await statuses(token)).toEqual([200, 200]);
    const others = Array.from({ length: 997 }, forged);
    expect(await report([...others, ...issued.map(({ token }) => ` ${token}\n`)])).toMatchObject(DONE);
    for (const { token } of issued) expect(await statuses(token)).toEqual([401, 401]);
    for (const { key } of issued)
      expect(await stack.manage.get(key.id)).toMatchObject({
        state: 'revoked',
        revokedBy: 'public report',
        revocationReason: 'reported as exposed',
      });
  });

  it('are in the audit log with who reported them, once', async () => {
    const { token, key } = await stack.issue();
    for (const gateway of [0, 1]) expect(await report([token, token], gateway)).toMatchObject(DONE);
    const { events } = await stack.manage.listAuditEvents({ keyId: key.id, action: 'key.revoked' });
    expect(events).toMatchObject([
      { actor: 'public report', address: '127.0.0.1', details: { reason: 'reported as exposed' } },
    ]);
  });

  it('are revoked while their owner is suspended or they are paused, too', async () => {
    const [suspended, paused] = [await stack.issue('mary'), await stack.issue()];
    await stack.manage.suspendOwner('mary');
    await stack.manage.pause(paused.key.id);
    expect(await report([suspended.token, paused.token])).toMatchObject(DONE);
    for (const { key } of [suspended, paused]) expect((await stack.manage.get(key.id)).state).toBe('revoked');
  });
});

describe('what is no key', () => {
  it('gets the same answer, and revokes nothing', async () => {
    const { token, key } = await stack.issue();
    const wrongSecret = format.print(findPastedKeyId(token) ?? newKeyId()).text;
    const texts = [
      '',
      'hello',
      key.id,
      key.publicPart,
      token.slice(0, -1),
      token + 'x',
      forged(),
      wrongSecret,
    ];
    const real = await report([(await stack.issue()).token]);
    for (const text of [...texts, format.print(newKeyId()).text]) {
      const answer = await report([text]);
      expect(answer).toMatchObject(DONE);
      const namesOf = ({ headers }: Answer): string[] => [...headers.keys()];
      expect(namesOf(answer)).toEqual(namesOf(real));
    }
    expect(await statuses(token)).toEqual([200, 200]);
  });

  it.each([
    ['none', []],
    ['more than 1000', Array.from({ length: 1001 }, () => 'x')],
    ['a text instead of a list', 'x'],
    ['a number among them', [1]],
  ])('is refused: %s', async (_, credentials) => {
    expect(await report(credentials)).toMatchObject({
      status: 400,
      body: { detail: 'Credentials must be a list of 1 to 1000 texts.' },
    });
  });
});

describe('reports', () => {
  it('are asked for again if keys cannot revoke, and count for nothing until then', async () => {
    const { token } = await stack.issue();
    const [keys] = stack.keys;
    await keys?.service.process.stop();
    expect(await report([forged()])).toMatchObject(DONE);
    const refused = await report([token]);
    expect(refused).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(refused.headers.get('retry-after')).toBe('1');
    await keys?.service.restart();
    for (const { url } of stack.gateways)
      expect(await call(`${url}/v1/me`, token)).toMatchObject({ status: 200 });
    expect(await report([token])).toMatchObject(DONE);
    expect(await statuses(token)).toEqual([401, 401]);
  });

  it('are limited by address, before their bodies are read', async () => {
    const last: Answer[] = [];
    for (let i = 0; i <= 60; i++) last.push(await report(['x'], 1));
    expect(last.at(-1)).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
    expect(Number(last.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(3000);
    expect(await report(['x'], 1, 'text/plain')).toMatchObject({ status: 429 });
    expect(await report(['x'], 0, 'text/plain')).toMatchObject({ status: 415 });
  });
});
