import { afterEach, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { IdentitySigner } from '#libs/signed-identity/signing';
import { type ServiceProcess, Stack, TEST_SECRETS, call } from '#libs/testing';
import { IdentityHeaders } from '../../apps/gateway/src/forwarding/identity-headers.js';

const NEW = 'the-new-identity-secret-of-the-tests-012';

let stack: Stack;
afterEach(() => stack.stop());

const publishedBy = async ({ metricsUrl }: ServiceProcess): Promise<unknown> =>
  (await call(new URL('/.well-known/jwks.json', metricsUrl).href)).body;

const keysOf = async (...secrets: [string, ...string[]]): Promise<unknown> =>
  (await IdentitySigner.from(secrets)).jwks();

describe('the public keys that services verify identities with', () => {
  it('are the same at all gateways, and only published on the internal port', async () => {
    stack = await Stack.start({ gateways: 2 });
    const expected = await keysOf(TEST_SECRETS.IDENTITY_SECRET);
    for (const gateway of stack.gateways) expect(await publishedBy(gateway)).toEqual(expected);
    expect(Object.keys(Object(expected).keys[0]).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
    expect((await call(`${stack.gatewayUrl}/.well-known/jwks.json`)).status).toBe(404);
    // Forward auth is off unless it is turned on.
    const authorize = new URL('/authorize', stack.gateways[0]?.metricsUrl).href;
    expect((await call(authorize, (await stack.issue()).token)).status).toBe(404);
  });

  it('verify identities with any JWT library, and only for their audience', async () => {
    stack = await Stack.start();
    const [gateway] = stack.gateways;
    const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', gateway?.metricsUrl));
    const owner = { id: 'u-1', email: 'ada@example.com', emailVerified: false, role: 'user', tier: 'pro' };
    const principal = {
      keyId: 'k-1',
      capabilities: ['kb:read'],
      expiresAtMs: null,
      rateLimitPerMinute: null,
      owner,
    } as const;
    const headers = new IdentityHeaders(await IdentitySigner.from([TEST_SECRETS.IDENTITY_SECRET]));
    const { 'x-le-bureau-identity': token = '', ...others } = await headers.for(principal, 'kb');
    expect(others).toEqual({});
    const { payload } = await jwtVerify(token, keys, { issuer: 'le-bureau-gateway', audience: 'kb' });
    expect(payload).toMatchObject({ sub: 'u-1', key_id: 'k-1', capabilities: ['kb:read'] });
    await expect(jwtVerify(token, keys, { audience: 'desktops' })).rejects.toThrow('"aud"');
  });

  it('include those of every listed secret, during a rotation', async () => {
    stack = await Stack.start();
    const [gateway] = stack.gateways;
    if (gateway === undefined) throw new Error('there is no gateway');
    const both = [NEW, TEST_SECRETS.IDENTITY_SECRET] as const;
    await gateway.process.stop();
    await gateway.restart({ IDENTITY_SECRET: both.join(',') });
    expect(await publishedBy(gateway)).toEqual(await keysOf(...both));
  });
});
