import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KeyFormat, newKeyId } from '#libs/key-format';
import { type Answer, Stack, callOnce, startGatewayProcess, until } from '#libs/testing';

let stack: Stack;
beforeAll(async () => {
  stack = await Stack.start({
    env: { REFUSE_PLAIN_HTTP: 'on', TRUSTED_PROXIES: '127.0.0.1', FORWARD_AUTH_AUDIENCES: 'reports' },
  });
});
afterAll(() => stack.stop());

const stranger = new KeyFormat({ prefix: 'sk_live', tagSecrets: ['the secret of a stranger'] });
const forged = (): string => stranger.print(newKeyId()).text;

/** A request that a proxy has received by `protocol`. */
function send(token: string | undefined, protocol: string, path = '/v1/me'): Promise<Answer> {
  return callOnce(stack.gatewayUrl + path, token, {
    headers: { 'x-forwarded-proto': protocol, 'x-forwarded-for': '192.0.2.1' },
  });
}

describe('a request that was sent in the clear', () => {
  it('is refused alike with every key and without one, on every path', async () => {
    const { token } = await stack.issue();
    const answers = [
      ...(await Promise.all([token, forged(), 'nonsense', undefined].map((text) => send(text, 'http')))),
      await send(token, 'http', '/v1/nowhere'),
      await send(token, 'http', '/openapi.json'),
    ];
    for (const { status, headers, body } of answers) {
      expect([status, Object(body).code]).toEqual([403, 'plain_http']);
      expect(headers.get('strict-transport-security')).toBeNull();
      expect(headers.get('www-authenticate')).toBeNull();
    }
  });

  it('makes its key an exposed one, which is revoked once, however often it is sent', async () => {
    const { token, key } = await stack.issue();
    for (let i = 0; i < 3; i++) await send(token, 'HTTP');
    await until(async () => (await stack.manage.get(key.id)).state === 'revoked');
    expect(await stack.manage.get(key.id)).toMatchObject({
      revokedBy: 'plain http report',
      exposureSource: 'plain_http',
    });
    expect(await stack.manage.exposures(key.id)).toMatchObject({
      exposures: [{ source: 'plain_http', url: null, address: '192.0.2.1' }],
    });
    expect(await send(token, 'https')).toMatchObject({ status: 401 });
    // With the key of the test before: however often it is sent, keys is asked once.
    const asked = 'keys_exposures_total{source="plain_http",outcome="revoked"} 2';
    await until(async () => (await stack.keys[0]?.service.metrics(asked))?.[0] === asked);
  });

  it('is one too if any proxy on the way has received it so', async () => {
    for (const protocols of ['http, https', 'https,http'])
      expect(await send(undefined, protocols)).toMatchObject({ status: 403, body: { code: 'plain_http' } });
  });
});

describe('other requests', () => {
  it('are served, and tell the client to keep to TLS if it has used it', async () => {
    const { token } = await stack.issue();
    const encrypted = await send(token, 'https');
    expect(encrypted.status).toBe(200);
    expect(encrypted.headers.get('strict-transport-security')).toBe('max-age=63072000');
    const unknown = await callOnce(`${stack.gatewayUrl}/v1/me`, token);
    expect([unknown.status, unknown.headers.get('strict-transport-security')]).toEqual([200, null]);
  });

  it('are believed to have been encrypted or not by trusted proxies alone', async () => {
    const { token, key } = await stack.issue();
    const gateway = await startGatewayProcess({ ...stack.env, TRUSTED_PROXIES: '192.0.2.99' });
    const { status, headers } = await callOnce(`${gateway.url}/v1/me`, token, {
      headers: { 'x-forwarded-proto': 'http' },
    });
    expect([status, headers.get('strict-transport-security')]).toEqual([200, null]);
    expect((await stack.manage.get(key.id)).exposedAt).toBeNull();
    await gateway.process.stop();
  });
});

it('forward auth refuses it as well, for the services behind other proxies', async () => {
  const { token, key } = await stack.issue();
  const authorize = new URL('/authorize', stack.gateways[0]?.metricsUrl).href;
  const ask = (protocol: string): Promise<Answer> =>
    callOnce(authorize, token, {
      headers: { 'x-forwarded-proto': protocol, 'x-forwarded-for': '192.0.2.1' },
    });
  expect(await ask('https')).toMatchObject({ status: 204 });
  expect(await ask('http')).toMatchObject({ status: 403, body: { code: 'plain_http' } });
  await until(async () => (await stack.manage.get(key.id)).state === 'revoked');
});
