import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KeyFormat, newKeyId } from '#libs/key-format';
import { type Answer, Stack, callOnce } from '#libs/testing';
import { readTokens } from '../../apps/gateway/src/secret-scanning/reported-tokens.js';

/** A key pair of a scanner, which it has published or not. */
class SigningKey {
  readonly identifier = randomUUID();
  readonly #pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });

  get published(): object {
    const key = this.#pair.publicKey.export({ type: 'spki', format: 'pem' });
    return { key_identifier: this.identifier, key, is_current: true };
  }

  sign(body: string): string {
    return sign('sha256', Buffer.from(body), this.#pair.privateKey).toString('base64');
  }
}

/** Where a scanner publishes its keys: a real server. */
class Publisher {
  keys: SigningKey[] = [];
  isDown = false;
  requests = 0;
  readonly #server = createServer((_, res) => {
    this.requests++;
    const odd = [{ key_identifier: 'odd', key: 'not a key' }, 'nothing', null];
    res.statusCode = this.isDown ? 500 : 200;
    res.end(JSON.stringify({ public_keys: [...odd, ...this.keys.map(({ published }) => published)] }));
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    // eslint-disable-next-line @typescript-eslint/consistent-type-assertions -- what a server on a port always has
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/keys`;
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

const GITLAB_TOKEN = 'the-revocation-token-of-the-tests-012345';
const [github, gitlab] = [new Publisher(), new Publisher()];
const [signing, other] = [new SigningKey(), new SigningKey()];
let stack: Stack;

beforeAll(async () => {
  github.keys = [signing];
  gitlab.isDown = true;
  stack = await Stack.start({
    gateways: 2,
    env: {
      SECRET_SCANNING: 'github,gitlab,trufflehog',
      GITHUB_KEYS_URL: await github.start(),
      GITLAB_KEYS_URL: await gitlab.start(),
      GITLAB_REVOCATION_TOKEN: GITLAB_TOKEN,
      TRUSTED_PROXIES: '127.0.0.1',
      FAILED_AUTHENTICATIONS_PER_MINUTE: '10',
    },
  });
});
afterAll(async () => {
  await stack.stop();
  await Promise.all([github.stop(), gitlab.stop()]);
});

const stranger = new KeyFormat({ prefix: 'sk_live', tagSecrets: ['the secret of another deployment'] });
const forged = (): string => stranger.print(newKeyId()).text;
const found = (token: string, url = 'https://github.com/octo/cat/blob/1/.env'): object => ({
  token,
  type: 'le_bureau_api_key',
  url,
  source: 'content',
});

interface Sent {
  readonly partner?: 'github' | 'gitlab';
  readonly gateway?: number;
  readonly key?: SigningKey;
  readonly signature?: string;
  readonly from?: string;
}

/** A signed report; `body` as text is sent as it is. */
function report(
  body: string | object,
  { partner = 'github', gateway = 0, key = signing, from = '192.0.2.1', ...sent }: Sent = {},
): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return callOnce(`${stack.gateways[gateway]?.url ?? ''}/reports/${partner}`, undefined, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-forwarded-for': from,
      [`${partner}-public-key-identifier`]: key.identifier,
      [`${partner}-public-key-signature`]: sent.signature ?? key.sign(text),
    },
    body: text,
  });
}

/** Each gateway's status for a key. */
async function statuses(token: string): Promise<number[]> {
  const me = stack.gateways.map(({ url }) => callOnce(`${url}/v1/me`, token));
  return (await Promise.all(me)).map(({ status }) => status);
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The samples of a metric, without its name. */
async function samples(which: 'keys' | 'gateway', source: string): Promise<string[]> {
  const [process, name] =
    which === 'keys'
      ? [stack.keys[0]?.service, 'keys_exposures_total']
      : [stack.gateways[0], 'gateway_exposure_reports_total'];
  const lines = (await process?.metrics(`${name}{`)) ?? [];
  return lines.filter((line) => line.includes(`source="${source}"`)).map((line) => line.slice(name.length));
}

describe('a report of GitHub', () => {
  it('revokes the three keys among a thousand tokens, at every gateway, and asks keys about no other', async () => {
    const keys = await Promise.all(['ada', 'ada', 'grace'].map((owner) => stack.issue(owner)));
    for (const { token } of keys) expect(await statuses(token)).toEqual([200, 200]);
    const tokens = [...Array.from({ length: 997 }, forged), ...keys.map(({ token }) => token)];
    const { status, body } = await report(tokens.map((token) => found(token)));
    for (const { token } of keys) expect(await statuses(token)).toEqual([401, 401]);
    expect(status).toBe(200);
    expect(body).toEqual(
      tokens.map((token, i) => ({
        token_hash: sha256(token),
        token_type: 'le_bureau_api_key',
        label: i < 997 ? 'false_positive' : 'true_positive',
      })),
    );
    expect(await samples('keys', 'github')).toEqual(['{source="github",outcome="revoked"} 3']);
    expect(await samples('gateway', 'github')).toEqual([
      '{source="github",outcome="forged"} 997',
      '{source="github",outcome="revoked"} 3',
    ]);
  });

  it('is in the audit log with where the key was found, and nothing secret', async () => {
    const { token, key } = await stack.issue();
    const url = `https://github.com/octo/cat/blob/1/.env?key=${token}&at=${'x'.repeat(600)}`;
    expect(await report([found(token, url)])).toMatchObject({ status: 200 });
    const { events } = await stack.manage.listAuditEvents({ keyId: key.id });
    expect(events.slice(0, 2)).toMatchObject([
      { action: 'key.revoked', actor: 'github report', details: { reason: 'reported as exposed' } },
      { action: 'key.exposed', actor: 'github report', address: '192.0.2.1', details: { source: 'github' } },
    ]);
    const recorded = String(Object(events[1]?.details).url);
    expect(recorded).toHaveLength(500);
    expect(recorded).toContain(`key=${key.publicPart}_[redacted]&at=xxx`);
    expect(await stack.manage.exposures(key.id)).toMatchObject({
      exposures: [{ source: 'github', url: recorded, address: '192.0.2.1' }],
    });
  });

  it('is one more where it is from elsewhere, and none where it is the same again', async () => {
    const { token, key } = await stack.issue();
    const urls = ['https://github.com/a', 'https://github.com/b', 'https://github.com/a', 'a\nb', ''];
    for (const [i, url] of urls.entries())
      expect(await report([found(token, url)], { gateway: i % 2 })).toMatchObject({ status: 200 });
    const { exposures } = await stack.manage.exposures(key.id);
    expect(exposures.map(({ url }) => url)).toEqual([null, 'https://github.com/b', 'https://github.com/a']);
    const { events } = await stack.manage.listAuditEvents({ keyId: key.id, action: 'key.exposed' });
    expect(events).toHaveLength(3);
  });

  it('takes keys that are paused, expired or revoked, or whose owner is suspended, for real', async () => {
    const [paused, suspended, revoked] = [
      await stack.issue(),
      await stack.issue('mary'),
      await stack.issue(),
    ];
    await stack.manage.pause(paused.key.id);
    await stack.manage.suspendOwner('mary');
    await stack.manage.revoke(revoked.key.id, { actor: 'ada' });
    const { body } = await report([paused, suspended, revoked].map(({ token }) => found(token)));
    expect(Object(body).map(({ label }: { label: string }) => label)).toEqual(Array(3).fill('true_positive'));
    for (const { key } of [paused, suspended])
      expect(await stack.manage.get(key.id)).toMatchObject({ revokedBy: 'github report' });
    expect(await stack.manage.get(revoked.key.id)).toMatchObject({
      revokedBy: 'ada',
      exposureSource: 'github',
    });
  });

  it('is refused if it is not signed as it was sent', async () => {
    const { token, key } = await stack.issue();
    const body = JSON.stringify([found(token)]);
    const reserialized = JSON.stringify(JSON.parse(body), null, 1);
    const refused = [
      await report(body, { signature: signing.sign(reserialized) }),
      await report(reserialized, { signature: signing.sign(body) }),
      await report(body, { signature: other.sign(body) }),
      await report(body, { signature: 'nonsense' }),
      await report(body, { signature: '' }),
    ];
    for (const answer of refused)
      expect(answer).toMatchObject({ status: 403, body: { code: 'report_not_signed' } });
    expect((await stack.manage.get(key.id)).state).toBe('active');
    // The same with its signature is accepted, whatever its form.
    expect(await report(reserialized)).toMatchObject({ status: 200 });
    expect((await stack.manage.get(key.id)).state).toBe('revoked');
  });

  it('is refused with what is no list of tokens, also if it is signed', async () => {
    for (const body of ['{}', 'nonsense', '[{"type":"x"}]', '[1]'])
      expect(await report(body, { from: '192.0.2.2' })).toMatchObject({ status: 400 });
    expect(await report('[]')).toMatchObject({ status: 200, body: [] });
    expect(await report(JSON.stringify('x'.repeat(1024 * 1024)))).toMatchObject({ status: 413 });
  });

  it('has the form of the known answer that GitHub has published', () => {
    const body =
      '[{"source":"commit","token":"some_token","type":"some_type","url":"https://example.com/base-repo-url/"}]';
    expect(readTokens(Buffer.from(body))).toEqual([
      { token: 'some_token', type: 'some_type', url: 'https://example.com/base-repo-url/' },
    ]);
  });

  it('may be refused ten times a minute from one network, and is then not read any more', async () => {
    const from = '198.51.100.9';
    for (let i = 0; i < 10; i++)
      expect(await report('[]', { signature: 'nonsense', from, gateway: 1 })).toMatchObject({ status: 403 });
    expect(await report('[]', { from, gateway: 1 })).toMatchObject({
      status: 429,
      body: { code: 'rate_limited' },
    });
    expect(await report('[]', { gateway: 1 })).toMatchObject({ status: 200 });
  });
});

describe('the keys that GitHub publishes', () => {
  it('are fetched once for all reports, and once a minute at most for unknown identifiers', async () => {
    const before = github.requests;
    const from = '192.0.2.5';
    for (let i = 0; i < 5; i++)
      expect(await report('[]', { key: other, from })).toMatchObject({ status: 403 });
    expect(await report('[]', { from })).toMatchObject({ status: 200 });
    expect(github.requests - before).toBeLessThanOrEqual(1);
  });

  it('are fetched again for one that a restarted gateway does not know', async () => {
    github.keys = [other];
    await stack.gateways[0]?.process.stop();
    await stack.gateways[0]?.restart();
    expect(await report('[]', { key: other })).toMatchObject({ status: 200 });
    expect(await report('[]', { key: signing })).toMatchObject({ status: 403 });
    // The other gateway knows the old one until it fetches them again.
    expect(await report('[]', { key: signing, gateway: 1 })).toMatchObject({ status: 200 });
    github.keys = [signing, other];
  });
});

describe('a report of GitLab', () => {
  it('is refused for now while its keys cannot be fetched', async () => {
    const answer = await report('[]', { partner: 'gitlab' });
    expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(answer.headers.get('retry-after')).toBe('60');
  });

  it('is taken with a signature of GitLab, and not with one of GitHub', async () => {
    gitlab.isDown = false;
    gitlab.keys = [other];
    await stack.gateways[1]?.process.stop();
    await stack.gateways[1]?.restart();
    const { token, key } = await stack.issue();
    const sent = { partner: 'gitlab', gateway: 1 } as const;
    expect(await report([found(token)], { ...sent, key: signing })).toMatchObject({ status: 403 });
    expect(await report([found(token)], { ...sent, key: other })).toMatchObject({ status: 200 });
    expect(await stack.manage.get(key.id)).toMatchObject({
      state: 'revoked',
      revokedBy: 'gitlab report',
      exposureSource: 'gitlab',
    });
  });
});

describe('GitLab’s Token Revocation API', () => {
  const TYPE = 'gitleaks_rule_id_sk-live-api-key';
  const revoke = (body: unknown, authorization = GITLAB_TOKEN): Promise<Answer> =>
    callOnce(`${stack.gatewayUrl}/v1/revoke_tokens`, undefined, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json', 'x-forwarded-for': '192.0.2.3' },
      body: JSON.stringify(body),
    });

  it('says which types can be revoked, and revokes them', async () => {
    const types = await callOnce(`${stack.gatewayUrl}/v1/revocable_token_types`, undefined, {
      headers: { authorization: GITLAB_TOKEN },
    });
    expect(types).toMatchObject({ status: 200, body: { types: [TYPE] } });
    const { token, key } = await stack.issue();
    const location = 'https://gitlab.example.com/some/repo/-/blob/1/.env';
    const tokens = [token, forged()].map((text) => ({ type: TYPE, token: text, location }));
    for (const authorization of [GITLAB_TOKEN, `Bearer ${GITLAB_TOKEN}`])
      expect((await revoke(tokens, authorization)).status).toBe(204);
    expect(await statuses(token)).toEqual([401, 401]);
    expect(await stack.manage.exposures(key.id)).toMatchObject({
      exposures: [{ source: 'gitlab', url: location }],
    });
  });

  it('refuses other types, other bodies and other tokens', async () => {
    const { token, key } = await stack.issue();
    const typed = (type: string): object => ({ type, token });
    expect(await revoke([typed('aws_secret')])).toMatchObject({ status: 400 });
    expect(await revoke([typed(TYPE), typed('aws_secret')])).toMatchObject({ status: 400 });
    expect(await revoke({})).toMatchObject({ status: 400 });
    for (const wrong of ['', 'Bearer', `${GITLAB_TOKEN}x`, `Basic ${GITLAB_TOKEN}`, token])
      expect(await revoke([typed(TYPE)], wrong)).toMatchObject({ status: 401 });
    expect((await stack.manage.get(key.id)).state).toBe('active');
  });
});

describe('TruffleHog', () => {
  const verify = (token: string): Promise<Answer> =>
    callOnce(`${stack.gatewayUrl}/reports/trufflehog`, undefined, {
      method: 'POST',
      headers: { 'x-forwarded-for': '192.0.2.4' },
      body: JSON.stringify({ 'sk-live-api-key': { key: [` ${token} `, token] } }),
    });

  it('is told that a key works, which is only marked then', async () => {
    const { token, key } = await stack.issue();
    expect(await verify(token)).toMatchObject({ status: 200, body: {} });
    expect(await statuses(token)).toEqual([200, 200]);
    const marked = await stack.manage.get(key.id);
    expect(marked).toMatchObject({ state: 'active', exposureSource: 'trufflehog', revokedAt: null });
    expect(await report([found(token)], { key: other })).toMatchObject({ status: 200 });
    expect(await verify(token)).toMatchObject({ status: 404 });
    expect(await stack.manage.get(key.id)).toMatchObject({
      state: 'revoked',
      exposedAt: marked.exposedAt,
      exposureSource: 'trufflehog',
    });
  });

  it('is told the same about every other text', async () => {
    const { token, key } = await stack.issue();
    const { key: expired, token: expiredToken } = await stack.issue();
    await stack.database.query(`UPDATE api_keys SET expires_at = now() WHERE last4 = '${expired.last4}'`);
    const bodies = new Set<string>();
    for (const text of ['hello', key.publicPart, token.slice(0, -1), forged(), expiredToken]) {
      const { status, body } = await verify(text);
      expect(status).toBe(404);
      bodies.add(JSON.stringify({ ...Object(body), requestId: '' }));
    }
    expect(bodies.size).toBe(1);
    expect((await stack.manage.get(key.id)).exposedAt).toBeNull();
  });

  it('is refused with another body', async () => {
    const answer = await callOnce(`${stack.gatewayUrl}/reports/trufflehog`, undefined, {
      method: 'POST',
      body: '[]',
    });
    expect(answer).toMatchObject({ status: 400 });
  });
});

it('a gateway without settings for it takes no reports of scanners', async () => {
  await stack.gateways[0]?.process.stop();
  await stack.gateways[0]?.restart({ SECRET_SCANNING: 'trufflehog', GITLAB_REVOCATION_TOKEN: '' });
  for (const path of ['/reports/github', '/reports/gitlab', '/v1/revoke_tokens'])
    expect(await callOnce(stack.gatewayUrl + path, undefined, { method: 'POST' })).toMatchObject({
      status: 404,
    });
});
