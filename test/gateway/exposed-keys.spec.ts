import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KeyFormat, findPastedKeyId, newKeyId } from '#libs/key-format';
import { type Answer, Stack, TEST_SECRETS, call, callOnce, until } from '#libs/testing';

let stack: Stack;
beforeAll(async () => {
  const env = { TRUSTED_PROXIES: '127.0.0.1', WEBHOOK_ALLOW_PRIVATE: 'true' };
  stack = await Stack.start({ gateways: 2, env });
});
afterAll(() => stack.stop());

/** Prints what only keys can print: with the right tag. */
const format = new KeyFormat({ prefix: 'sk_live', tagSecrets: [TEST_SECRETS.KEY_TAG_SECRET] });
const stranger = new KeyFormat({ prefix: 'sk_live', tagSecrets: ['the secret of a stranger'] });
const forged = (): string => stranger.print(newKeyId()).text;

/** `from`: the client's address, which its network's limit depends on. */
function report(
  credentials: unknown,
  { gateway = 0, type = 'application/json', from = '192.0.2.1' } = {},
): Promise<Answer> {
  return callOnce(`${stack.gateways[gateway]?.url ?? ''}/credentials/revoke`, undefined, {
    method: 'POST',
    headers: { 'content-type': type, 'x-forwarded-for': from },
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
    for (const gateway of [0, 1]) expect(await report([token, token], { gateway })).toMatchObject(DONE);
    const { events } = await stack.manage.listAuditEvents({ keyId: key.id });
    expect(events.map(({ action }) => action)).toEqual(['key.revoked', 'key.exposed', 'key.issued']);
    expect(events.slice(0, 2)).toMatchObject([
      { actor: 'public report', address: '192.0.2.1', details: { reason: 'reported as exposed' } },
      { actor: 'public report', address: '192.0.2.1', details: { source: 'public', url: null } },
    ]);
  });

  it('are told to webhooks once: as exposed, and then as revoked', async () => {
    const { webhook } = await stack.manage.createWebhook({ url: 'http://127.0.0.1:1/' });
    const { token, key } = await stack.issue();
    for (let i = 0; i < 2; i++) expect(await report([token])).toMatchObject(DONE);
    const { deliveries } = await stack.manage.listDeliveries(webhook.id);
    expect(deliveries.map(({ event, subject }) => [event, subject])).toEqual([
      ['api_key.revoked', key.id],
      ['api_key.exposed', key.id],
      ['api_key.created', key.id],
    ]);
    await stack.manage.removeWebhook(webhook.id);
  });

  it('are shown as exposed, with each report, of which the same again is none', async () => {
    const { token, key } = await stack.issue();
    expect(await stack.manage.get(key.id)).toMatchObject({ exposedAt: null, exposureSource: null });
    expect(await stack.manage.exposures(key.id)).toEqual({ exposures: [] });
    for (const from of ['192.0.2.1', '192.0.2.7', '192.0.2.1'])
      expect(await report([token], { from })).toMatchObject(DONE);
    const { exposures } = await stack.manage.exposures(key.id, { ownerId: 'ada' });
    expect(exposures).toMatchObject(
      ['192.0.2.7', '192.0.2.1'].map((address) => ({ source: 'public', url: null, address })),
    );
    const exposedAt = exposures.at(-1)?.at;
    expect(await stack.manage.get(key.id)).toMatchObject({ exposedAt, exposureSource: 'public' });
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
    texts.push(format.print(newKeyId()).text);
    for (const answer of await Promise.all(texts.map((text) => report([text])))) {
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
  it('are refused alike for keys and others while keys cannot be reached, and can be sent again', async () => {
    const { token } = await stack.issue();
    const [keys] = stack.keys;
    await keys?.service.process.stop();
    for (const text of [forged(), token]) {
      const refused = await report([text]);
      expect(refused).toMatchObject({ status: 503, body: { code: 'unavailable' } });
      expect(refused.headers.get('retry-after')).toBe('1');
    }
    await keys?.service.restart();
    for (const { url } of stack.gateways)
      expect(await call(`${url}/v1/me`, token)).toMatchObject({ status: 200 });
    await until(async () => (await report([token])).status === 202);
    expect(await statuses(token)).toEqual([401, 401]);
  });

  it('are limited by network over all gateways, before their bodies are read', async () => {
    const from = '198.51.100.1';
    const all = await Promise.all(
      Array.from({ length: 60 }, (_, i) => report(['x'], { gateway: i % 2, from })),
    );
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([202]));
    for (const gateway of [0, 1]) {
      const refused = await report(['x'], { gateway, from, type: 'text/plain' });
      expect(refused).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3000);
      const other = await report(['x'], { gateway, from: '198.51.100.2', type: 'text/plain' });
      expect(other).toMatchObject({ status: 415 });
    }
  });
});
