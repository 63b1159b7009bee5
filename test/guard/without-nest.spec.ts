import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import express from 'express';
import { fastify } from 'fastify';
import {
  type RequestVerifier,
  type VerifierOptions,
  callerOf,
  createVerifier,
  optionalCallerOf,
} from '#libs/key-verifier';
import { requireKey as inExpress } from '#libs/key-verifier/express';
import { requireKey as inFastify } from '#libs/key-verifier/fastify';
import { createTestVerifier, principal } from '#libs/key-verifier/testing';
import { Stack, TEST_SECRETS, call, freePort } from '#libs/testing';

let stack: Stack;
let options: VerifierOptions;
beforeAll(async () => {
  stack = await Stack.start({ gateways: 0 });
  options = {
    keysUrl: `tcp://127.0.0.1:${stack.keys[0]?.verifyPort ?? 0}`,
    verifyToken: TEST_SECRETS.KEYS_VERIFY_TOKEN,
    tagSecrets: [TEST_SECRETS.KEY_TAG_SECRET],
    revocations: { redisUrl: stack.redis.url },
  };
});
afterAll(() => stack.stop());

const closings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

async function startVerifier(): Promise<RequestVerifier> {
  const verifier = await createVerifier(options);
  closings.push(() => verifier.close());
  return verifier;
}

/** A small API of each framework, with the same routes; returns its URL. */
const FRAMEWORKS: readonly [string, (verifier: RequestVerifier) => Promise<string>][] = [
  [
    'Express',
    async (verifier) => {
      const app = express();
      const router = express.Router();
      router.get(
        '/',
        inExpress(verifier, { capabilities: ['schedule:read', 'schedule:write'] }),
        (req, res) => {
          res.json({ of: callerOf(req).owner.id });
        },
      );
      router.get(
        '/any',
        inExpress(verifier, { anyOf: ['schedule:read', 'schedule:write'] }),
        (_req, res) => void res.json({}),
      );
      router.get('/prices', inExpress(verifier, { optional: true }), (req, res) => {
        res.json({ for: optionalCallerOf(req)?.owner.id ?? 'nobody' });
      });
      router.post('/', express.json(), inExpress(verifier), (req, res) => void res.json(req.body));
      router.get('/stream', inExpress(verifier), (_req, res) => void res.write('{'));
      app.use('/invoices', router);
      const server = app.listen(0, '127.0.0.1');
      await once(server, 'listening');
      closings.push(() => new Promise((resolve) => server.close(resolve)));
      return urlOf(server.address());
    },
  ],
  [
    'Fastify',
    async (verifier) => {
      const app = fastify();
      const all = { capabilities: ['schedule:read', 'schedule:write'] };
      app.get('/invoices', { ...inFastify(verifier, all) }, (req) => ({ of: callerOf(req).owner.id }));
      app.get(
        '/invoices/any',
        { ...inFastify(verifier, { anyOf: ['schedule:read', 'schedule:write'] }) },
        () => ({}),
      );
      app.get('/invoices/prices', { ...inFastify(verifier, { optional: true }) }, (req) => ({
        for: optionalCallerOf(req)?.owner.id ?? 'nobody',
      }));
      app.post('/invoices', { ...inFastify(verifier) }, (req) => req.body);
      app.get(
        '/invoices/stream',
        { ...inFastify(verifier) },
        (_req, reply) => void reply.hijack().raw.write('{'),
      );
      closings.push(() => app.close());
      return app.listen({ host: '127.0.0.1', port: 0 });
    },
  ],
];

function urlOf(address: string | AddressInfo | null): string {
  return `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`;
}

describe.each(FRAMEWORKS)('an API on %s, without Nest,', (_, start) => {
  it('admits keys with what its routes need, and refuses others, until they are revoked', async () => {
    const url = `${await start(await startVerifier())}/invoices`;
    const { token, key } = await stack.issue('ada', ['schedule:read', 'schedule:write']);
    const { token: reader } = await stack.issue('ada', ['schedule:read']);
    const { token: other } = await stack.issue('ada', ['desktop:read']);

    const read = await call(url, token);
    expect(read).toMatchObject({ status: 200, body: { of: 'ada' } });
    expect(read.headers.get('cache-control')).toBe('no-store');
    expect(read.headers.get('ratelimit-policy')).toBe('"per-key";q=60;w=60');
    const missing = await call(url);
    expect(missing).toMatchObject({
      status: 401,
      body: { code: 'credentials_missing', instance: '/invoices' },
    });
    expect(missing.headers.get('www-authenticate')).toBe('Bearer realm="api"');
    expect(missing.headers.get('content-type')).toContain('application/problem+json');
    expect(await call(url, reader)).toMatchObject({
      status: 403,
      body: { required: ['schedule:read', 'schedule:write'] },
    });
    expect((await call(`${url}/any`, reader)).status).toBe(200);
    expect(await call(`${url}/any`, other)).toMatchObject({
      status: 403,
      body: { requiredAnyOf: ['schedule:read', 'schedule:write'] },
    });
    expect((await call(`${url}/prices`)).body).toEqual({ for: 'nobody' });
    expect((await call(`${url}/prices`, token)).body).toEqual({ for: 'ada' });
    expect((await call(`${url}/prices`, 'sk_live_hello')).status).toBe(401);
    const json = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":1}' };
    expect(await call(url, token, json)).toMatchObject({ status: 200, body: { a: 1 } });
    expect((await call(url, undefined, json)).status).toBe(401);

    const authorization = `Bearer ${token}`;
    const stream = await fetch(`${url}/stream`, { headers: { authorization } });
    const cutOff = stream.text().catch(() => 'cut off');
    expect((await stack.manage.revoke(key.id)).effective).toBe(true);
    expect((await call(url, token)).status).toBe(401);
    expect(await cutOff).toBe('cut off');
  });

  it('shows in the activity of keys which route was called', async () => {
    const verifier = await startVerifier();
    const url = `${await start(verifier)}/invoices`;
    const { token, key } = await stack.issue('ada', ['schedule:read']);
    await call(`${url}/any`, token);
    for (const close of closings.splice(0).reverse()) await close();
    const { activity } = await stack.manage.activity(key.id);
    expect(activity.map(({ route, status }) => `${route} ${status}`)).toEqual(['GET /invoices/any 200']);
  });
});

describe('a request of any framework', () => {
  it('is verified with what is known of it', async () => {
    const verifier = await startVerifier();
    const { token, key } = await stack.issue('ada', ['schedule:read']);
    const server = createServer((req, res) => {
      const verified = verifier.verify(req, {
        capabilities: ['schedule:read'],
        route: 'GET /invoices/:id',
        response: res,
      });
      verified.then(
        (verdict) => {
          res.writeHead(verdict.outcome === 'admitted' ? 200 : verdict.status, verdict.headers);
          res.end(verdict.outcome === 'admitted' ? JSON.stringify(verdict.caller?.owner.id) : verdict.body);
        },
        () => res.destroy(),
      );
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    closings.push(() => new Promise((resolve) => server.close(resolve)));
    const url = urlOf(server.address());
    expect(await call(url, token)).toMatchObject({ status: 200, body: 'ada' });
    expect(await call(`${url}/a?b=c`)).toMatchObject({ status: 401, body: { instance: '/a' } });

    const headers = { authorization: `Bearer ${token}` };
    expect(await verifier.verify({ headers })).toMatchObject({
      outcome: 'admitted',
      caller: { keyId: key.id, owner: { id: 'ada' } },
      headers: { 'cache-control': 'no-store', ratelimit: expect.stringContaining('r=58') },
    });
    expect(await verifier.verify({ headers }, { anyOf: ['schedule:write'] })).toMatchObject({
      outcome: 'refused',
      status: 403,
      reason: 'insufficient_scope',
    });
    await expect(verifier.verify({ headers }, { anyOf: ['a'], optional: true })).rejects.toThrow(TypeError);
    await expect(verifier.verify({ headers }, { capabilities: [] })).rejects.toThrow(TypeError);
  });

  it('can be tested without keys and Redis', async () => {
    const verifier = await createTestVerifier({
      keys: { reader: principal({ capabilities: ['schedule:read'] }) },
    });
    const ask = async (authorization?: string) =>
      (await verifier.verify({ headers: { authorization } }, { capabilities: ['schedule:read'] })).outcome;
    expect([await ask('Bearer reader'), await ask('Bearer writer'), await ask()]).toEqual([
      'admitted',
      'refused',
      'refused',
    ]);
    await verifier.close();
  });
});

describe('a mistake in the setup', () => {
  /** The first error that is logged. */
  async function errorWith(different: Partial<VerifierOptions>, needs = {}): Promise<string> {
    let tell: (error: string) => void;
    const told = new Promise<string>((resolve) => (tell = resolve));
    const log = {
      debug: () => undefined,
      warn: () => undefined,
      error: (entry: unknown) => tell(String(entry)),
    };
    const verifier = await createVerifier({ ...options, ...different, log });
    closings.push(() => verifier.close());
    verifier.route(needs);
    return told;
  }

  it('is logged: another tag secret, a wrong token, a wrong address', async () => {
    expect(await errorWith({ tagSecrets: ['another secret'] })).toContain(
      'The tag secrets differ from those of keys: new keys are refused as forged.',
    );
    expect(await errorWith({ verifyToken: 'wrong' })).toMatch(/cannot be asked, because .*KEYS_VERIFY_TOKEN/);
    expect(await errorWith({ keysUrl: `tcp://127.0.0.1:${await freePort()}` })).toMatch(
      /^Keys cannot be verified: .* cannot be asked, because .*ECONNREFUSED/,
    );
  });

  it('is logged: a capability that no key can have', async () => {
    expect(await errorWith({}, { capabilities: ['kb:raed'] })).toBe(
      'No key can have kb:raed, which the code that needs kb:raed requires: it is not in the catalogue of the keys service.',
    );
  });
});
