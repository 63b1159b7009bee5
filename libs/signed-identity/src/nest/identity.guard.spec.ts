import 'reflect-metadata';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { SignJWT, UnsecuredJWT } from 'jose';
import { type Answer, call } from '#libs/testing';
import { Audience, Identity } from './identity.guard.js';
import type { PublicKeys, SignedIdentity } from '../identity-verifier.js';
import { IdentitySigner } from '../signing/identity-signer.js';
import { SignedIdentityModule } from './signed-identity.module.js';
import { type SigningKey, signingKeyFrom } from '../signing/signing-key.js';

const SECRET = 'the-identity-secret-of-this-test-01234567';
const GUESS = 'what-somebody-else-takes-for-that-secret1';
const NOW = Date.UTC(2027, 0, 31, 12);
const SECONDS = NOW / 1000;

const CLAIMS = {
  iss: 'le-bureau-gateway',
  aud: 'desktops',
  sub: 'u-1',
  key_id: '0352dezfK9Gia0iM56jbgM',
  capabilities: ['desktop:read', 'something:new'],
  role: 'user',
  tier: 'pro',
  email: 'ada@example.com',
  email_verified: true,
  iat: SECONDS,
  exp: SECONDS + 60,
};

@Controller('who')
class WhoController {
  @Get()
  who(@Identity() identity: SignedIdentity): SignedIdentity {
    return identity;
  }

  @Get('reads')
  @Audience('kb')
  reads(@Identity() { ownerId }: SignedIdentity): { ownerId: string } {
    return { ownerId };
  }
}

let ours: SigningKey;
let theirs: SigningKey;
let signer: IdentitySigner;
beforeAll(async () => {
  [ours, theirs] = [await signingKeyFrom(SECRET), await signingKeyFrom(GUESS)];
  signer = await IdentitySigner.from([SECRET]);
});

/** An identity as the gateway signs it, with the given differences. */
function signed(claims: object = {}, header: object = {}, key = ours): Promise<string> {
  return new SignJWT({ ...CLAIMS, ...claims })
    .setProtectedHeader({ alg: 'EdDSA', kid: key.kid, ...header })
    .sign(key.privateKey);
}

async function listen(keys: PublicKeys, adapter: FastifyAdapter | ExpressAdapter): Promise<INestApplication> {
  const identity = SignedIdentityModule.register({ ...keys, audience: 'desktops', now: () => NOW });
  @Module({ imports: [identity], controllers: [WhoController] })
  class App {}
  const app = await NestFactory.create(App, adapter, { logger: false });
  await app.listen(0, '127.0.0.1');
  return app;
}

async function ask(app: INestApplication, token?: string, path = '/who'): Promise<Answer> {
  const headers: Record<string, string> = token === undefined ? {} : { 'x-le-bureau-identity': token };
  return call((await app.getUrl()) + path, undefined, { headers });
}

describe.each([
  ['Fastify', () => new FastifyAdapter()],
  ['Express', () => new ExpressAdapter()],
])('a service behind the gateway, on %s', (_, adapter) => {
  let app: INestApplication;
  beforeAll(async () => void (app = await listen({ jwks: signer.jwks() }, adapter())));
  afterAll(() => app.close());

  it('gets the caller’s identity, including capabilities that it does not know', async () => {
    expect(await ask(app, await signed())).toMatchObject({
      status: 200,
      body: {
        ownerId: 'u-1',
        keyId: CLAIMS.key_id,
        capabilities: ['desktop:read', 'something:new'],
        role: 'user',
        tier: 'pro',
        email: 'ada@example.com',
        emailVerified: true,
      },
    });
  });

  it('treats an address as unverified if the gateway is from before that claim', async () => {
    expect(await ask(app, await signed({ email_verified: undefined }))).toMatchObject({
      status: 200,
      body: { emailVerified: false },
    });
  });

  it('refuses requests without an identity', async () => {
    const answer = await ask(app);
    expect(answer).toMatchObject({ status: 401, body: { code: 'credentials_missing' } });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.headers.get('www-authenticate')).toBe('LeBureauIdentity');
  });

  const tampered = async (): Promise<string> => {
    const [head = '', , signature = ''] = (await signed()).split('.');
    const claims = { ...CLAIMS, sub: 'u-2' };
    return `${head}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`;
  };
  /** The public key as an HMAC secret, against verifiers that let the token choose its algorithm (RFC 8725 section 2.1). */
  const confused = (): Promise<string> => {
    const parts = [{ alg: 'HS256', kid: ours.kid }, CLAIMS].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    );
    const mac = createHmac('sha256', Buffer.from(ours.publicJwk.x ?? '', 'base64url'));
    return Promise.resolve([...parts, mac.update(parts.join('.')).digest('base64url')].join('.'));
  };

  it.each<[string, () => Promise<string>]>([
    ['no token at all', () => Promise.resolve('hello')],
    ['unsigned', () => Promise.resolve(new UnsecuredJWT(CLAIMS).encode())],
    ['signed with another algorithm', confused],
    ['changed after it was signed', tampered],
    ['of an unknown key', () => signed({}, {}, theirs)],
    ['of an unknown key that claims to be ours', () => signed({}, { kid: ours.kid }, theirs)],
    ['expired', () => signed({ iat: SECONDS - 65, exp: SECONDS - 5 })],
    ['for another audience', () => signed({ aud: 'kb' })],
    ['for no audience', () => signed({ aud: undefined })],
    ['of another issuer', () => signed({ iss: 'somebody' })],
    ['of no issuer', () => signed({ iss: undefined })],
    ['without an expiry', () => signed({ exp: undefined })],
    ['without an owner', () => signed({ sub: undefined })],
    ['without a key', () => signed({ key_id: undefined })],
    ['without capabilities', () => signed({ capabilities: undefined })],
    ['with a role that is not text', () => signed({ role: 7 })],
    ['sent twice', async () => `${await signed()}, ${await signed()}`],
  ])('refuses an identity that is %s', async (_name, make) => {
    const answer = await ask(app, await make());
    expect(answer).toMatchObject({ status: 401, body: { code: 'invalid_token' } });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });

  it('requires another audience where a route declares it, and no other', async () => {
    const forNotes = await signed({ aud: 'kb' });
    expect(await ask(app, forNotes, '/who/reads')).toMatchObject({ status: 200, body: { ownerId: 'u-1' } });
    expect((await ask(app, await signed(), '/who/reads')).status).toBe(401);
  });
});

describe('a service that fetches the public keys', () => {
  let gateway: Server;
  let app: INestApplication;
  /** The gateway's answer, and how often it was asked. */
  let status: number;
  let asked: number;
  beforeEach(async () => {
    [status, asked] = [200, 0];
    gateway = createServer((_req, res) => {
      asked++;
      res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(signer.jwks()));
    }).listen(0, '127.0.0.1');
    await once(gateway, 'listening');
    const address = gateway.address();
    if (address === null || typeof address === 'string') throw new Error('there is no port');
    app = await listen({ jwksUrl: `http://127.0.0.1:${address.port}/` }, new FastifyAdapter());
  });
  afterEach(async () => {
    await app.close();
    gateway.closeAllConnections();
    gateway.close();
  });

  it('fetches them once, even for many requests and forged keys', async () => {
    const token = await signed();
    const statuses = await Promise.all(
      Array.from({ length: 20 }, async () => (await ask(app, token)).status),
    );
    expect(new Set(statuses)).toEqual(new Set([200]));
    const forged = await signed({}, {}, theirs);
    for (let i = 0; i < 5; i++) expect((await ask(app, forged)).status).toBe(401);
    expect(asked).toBe(1);
  });

  it('refuses requests with 503 while it cannot fetch them, and recovers', async () => {
    status = 500;
    const answer = await ask(app, await signed());
    expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(answer.headers.get('retry-after')).toBe('1');
    status = 200;
    expect((await ask(app, await signed())).status).toBe(200);
  });
});
