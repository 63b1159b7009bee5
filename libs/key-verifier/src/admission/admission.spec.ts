import { ServerResponse, IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { KeyFormat, newKeyId } from '#libs/key-format';
import type { Verification } from '#libs/keys-client';
import { DEFAULT_TIMINGS, InProcessLog } from '#libs/revocations';
import { Admission, type GuardedRequest } from './admission.js';
import { callerOf, optionalCallerOf } from './caller.js';
import type { Declaration } from './declaration.js';
import { KeyGuardProblem } from '../key-guard-problem.js';
import { Authenticator } from '../authentication/authenticator.js';
import { Challenges } from './challenges.js';
import { KeyActivity } from '../reports/key-activity.js';
import { KnownKeys } from '../authentication/known-keys.js';
import { OpenResponses } from '../responses/open-responses.js';
import { PrincipalCache } from '../authentication/principal-cache.js';
import { SILENT } from '../log.js';
import { RequestLimits } from '../limits/request-limits.js';

const id = newKeyId();
const format = new KeyFormat({ prefix: 'sk_live', tagSecrets: ['the tag secret of this test'] });
const { text: token } = format.print(id);

const valid: Verification = {
  outcome: 'valid',
  principal: {
    keyId: id,
    capabilities: ['desktop:read'],
    expiresAtMs: null,
    rateLimitPerMinute: null,
    owner: { id: 'ada', email: 'ada@example.com', emailVerified: false, role: 'user', tier: 'free' },
  },
  cacheable: true,
};

/** The answer of keys about the key. */
let answer: Verification;
let drop: () => void;
let open: OpenResponses;
let admission: Admission;
let warnings: string[];
beforeEach(async () => {
  answer = valid;
  warnings = [];
  const clock = { now: () => 0, wait: () => Promise.resolve() };
  const cache = new PrincipalCache({ clock, ...DEFAULT_TIMINGS, size: 10 });
  const lease = { holdsLease: true, identity: 'the log that is followed' };
  const verifier = { verify: () => Promise.resolve(answer) };
  const authenticator = new Authenticator({ format, cache, verifier, lease });
  open = new OpenResponses({ authenticator, clock, log: SILENT, lease, timings: DEFAULT_TIMINGS });
  drop = () => {
    for (const droppable of [cache, open]) droppable.invalidate({ kind: 'key', id });
  };
  const reporter = { reportActivity: () => Promise.resolve() };
  admission = new Admission({
    authenticator,
    knownKeys: new KnownKeys(format),
    open,
    limits: await RequestLimits.open({ concurrent: 2 }, 'none', new InProcessLog(), SILENT),
    activity: new KeyActivity({ reporter, clock, log: SILENT, everyMs: 1000 }),
    challenges: new Challenges('api'),
    keyPrefix: 'sk_live',
    log: { ...SILENT, warn: (entry) => warnings.push(JSON.stringify(entry)) },
  });
});

const KEY = { authorization: `Bearer ${token}` };
const ANY_KEY: Declaration = { opens: 'to any valid key' };

function requestWith(headers: GuardedRequest['headers']): GuardedRequest {
  return { url: '/', headers, ip: '192.0.2.1' };
}

/** Makes a request, with the key by default. */
function request(
  declaration: Declaration = ANY_KEY,
  headers: GuardedRequest['headers'] = KEY,
): { refused: ReturnType<Admission['admit']>; response: ServerResponse; req: GuardedRequest } {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  const req = requestWith(headers);
  const route = { name: 'GET /', hasManyNames: false, declaration };
  return { refused: admission.admit(route, req, { raw: response, header: () => undefined }), response, req };
}

describe('a request whose key is invalidated while it is counted', () => {
  it('is refused if the key is no longer valid, instead of accepted and cut off', async () => {
    expect(await request().refused).toBeUndefined(); // and the key is cached
    const { refused, response } = request();
    answer = { outcome: 'refused', reason: 'revoked', cacheable: true };
    drop();
    expect(await refused).toMatchObject({ code: 'invalid_token', reason: 'revoked' });
    expect(response.destroyed).toBe(false);
  });

  it('is accepted if the key is still active', async () => {
    expect(await request().refused).toBeUndefined();
    const { refused } = request();
    drop();
    expect(await refused).toBeUndefined();
    expect(open.size).toBe(2);
  });
});

describe('a key with allowed addresses', () => {
  const from = (ip: string | undefined, headers: GuardedRequest['headers'] = {}) => {
    const req = { url: '/', headers: { ...KEY, ...headers }, ip };
    const response = { raw: undefined, header: () => undefined };
    return admission.admit({ name: 'GET /', hasManyNames: false, declaration: ANY_KEY }, req, response);
  };
  const allow = (...allowedIps: string[]) => {
    answer = { ...valid, principal: { ...valid.principal, allowedIps } };
  };

  it('is admitted from these alone, the first time and from the cache', async () => {
    allow('203.0.113.0/24', '2001:db8::/32');
    for (let i = 0; i < 2; i++) {
      for (const ip of ['203.0.113.9', '::ffff:203.0.113.10', '2001:DB8:0::1', '203.0.113.11:443'])
        expect(await from(ip)).toBeUndefined();
      for (const ip of ['203.0.114.9', '2001:db9::1', '127.0.0.1', 'unknown', '', undefined]) {
        const refused = await from(ip);
        expect(refused).toMatchObject({ code: 'address_not_allowed', reason: 'address_not_allowed' });
        expect(refused?.problem).toMatchObject({ status: 403 });
        expect(JSON.stringify([refused?.problem, refused?.headers])).not.toMatch(/203|2001/);
      }
    }
  });

  it('is admitted from nowhere if one of them cannot be read', async () => {
    for (const texts of [['203.0.113.9', 'a later form'], []]) {
      allow(...texts);
      drop();
      expect(await from('203.0.113.9')).toMatchObject({ code: 'address_not_allowed' });
    }
    allow('203.0.113.9', 'a later form');
    drop();
    expect(await from('203.0.113.9')).toMatchObject({ reason: 'allowed_addresses_unreadable' });
  });

  it('that is refused for the private address of a proxy has a warning in the log, once', async () => {
    allow('203.0.113.9');
    await from('198.51.100.1', { 'x-forwarded-for': '203.0.113.9' });
    await from('10.0.0.7', { 'x-forwarded-for': '10.0.0.7, 10.0.0.1' }); // a client in the same network
    await from('203.0.113.9');
    expect(warnings).toEqual([]);
    await from('10.0.0.7', { 'x-forwarded-for': '203.0.113.9, 10.0.0.7' });
    await from('10.0.0.8');
    expect(warnings).toEqual([expect.stringMatching(/10\.0\.0\.7.*TRUSTED_PROXIES/)]);
  });
});

describe('a route', () => {
  const insufficient = (detail: string, named: object) => ({
    problem: { status: 403, code: 'insufficient_scope', detail, ...named, granted: ['desktop:read'] },
  });
  const needsBoth = insufficient(
    'This route needs desktop:read and kb:read; the key lacks kb:read. Capabilities are fixed: create a key that has them.',
    { required: ['desktop:read', 'kb:read'] },
  );

  it('needs all of its capabilities, or one of them, as declared', async () => {
    const all = (...required: string[]) => request({ opens: 'to capabilities', required }).refused;
    const any = (...accepted: string[]) => request({ opens: 'to any capability of', accepted }).refused;
    expect(await all('desktop:read')).toBeUndefined();
    expect(await any('kb:read', 'desktop:read')).toBeUndefined();
    expect(await all('desktop:read', 'kb:read')).toMatchObject(needsBoth);
    const noneOf = await any('kb:read', 'kb:write');
    expect(noneOf).toMatchObject(
      insufficient(
        'This route needs kb:read or kb:write, and the key has none of them. Capabilities are fixed: create a key that has one.',
        { requiredAnyOf: ['kb:read', 'kb:write'] },
      ),
    );
    expect(noneOf?.headers).toEqual({
      'www-authenticate': 'Bearer realm="api", error="insufficient_scope", scope="kb:read kb:write"',
      'x-accepted-capabilities': 'kb:read, kb:write',
    });
  });

  it('with an optional key has a caller if there is a valid one, and refuses an invalid one', async () => {
    const optional = { opens: 'with or without a key' } as const;
    const withKey = request(optional);
    expect(await withKey.refused).toBeUndefined();
    expect(optionalCallerOf(withKey.req)).toMatchObject({ keyId: id });
    for (const headers of [{}, { authorization: 'Basic YTpi' }]) {
      const { refused, req } = request(optional, headers);
      expect(refused).toBeUndefined();
      expect(optionalCallerOf(req)).toBeUndefined();
      expect(() => callerOf(req)).toThrow('admitted without a key');
    }
    for (const text of ['sk_live_hello', 'two words']) {
      const { refused, req } = request(optional, { authorization: `Bearer ${text}` });
      expect(await refused).toBeInstanceOf(KeyGuardProblem);
      expect(() => optionalCallerOf(req)).toThrow(TypeError);
    }
  });

  it('without a response, such as a message, is over once it is admitted', async () => {
    const noResponse = { raw: undefined, header: () => undefined };
    const route = { name: 'MESSAGE /a', hasManyNames: false, declaration: ANY_KEY };
    for (let i = 0; i < 5; i++)
      expect(await admission.admit(route, requestWith(KEY), noResponse)).toBeUndefined();
    expect(open.size).toBe(0);
  });

  it('of an admitted request is compared with what else the request does, and the key checked again', async () => {
    const { refused, req } = request();
    expect(await refused).toBeUndefined();
    expect(admission.readmit(req, { opens: 'to capabilities', required: ['desktop:read'] })).toBeUndefined();
    expect(
      admission.readmit(req, { opens: 'to capabilities', required: ['desktop:read', 'kb:read'] }),
    ).toMatchObject(needsBoth);
    answer = { outcome: 'refused', reason: 'revoked', cacheable: true };
    drop();
    expect(await admission.readmit(req, ANY_KEY)).toMatchObject({ code: 'invalid_token' });

    const keyless = request({ opens: 'with or without a key' }, {});
    expect(admission.readmit(keyless.req)).toBeUndefined();
    expect(admission.readmit(keyless.req, ANY_KEY)).toMatchObject({ code: 'credentials_missing' });
  });
});
