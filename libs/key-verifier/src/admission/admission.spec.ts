import { ServerResponse, IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { KeyFormat, newKeyId } from '#libs/key-format';
import type { Verification } from '#libs/keys-client';
import { DEFAULT_TIMINGS, InProcessLog } from '#libs/revocations';
import { Admission, type Refused } from './admission.js';
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
beforeEach(async () => {
  answer = valid;
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
    limits: await RequestLimits.open({}, 'none', new InProcessLog(), SILENT),
    activity: new KeyActivity({ reporter, clock, log: SILENT, everyMs: 1000 }),
    challenges: new Challenges('api'),
    keyPrefix: 'sk_live',
  });
});

/** Makes a request with the key. */
function request(): { refused: Refused | Promise<Refused>; response: ServerResponse } {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  const req = { url: '/', originalUrl: '/', headers: { authorization: `Bearer ${token}` }, ip: '192.0.2.1' };
  const res = { raw: response, header: () => undefined, status: () => undefined, send: () => undefined };
  const route = { name: 'GET /', hasManyNames: false, declaration: { opens: 'to any valid key' } } as const;
  return { refused: admission.admit(route, req, res), response };
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
