import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { KeyFormat, newKeyId } from '#libs/key-format';
import type { Verification } from '#libs/keys-client';
import { DEFAULT_TIMINGS } from '#libs/revocations';
import { Authenticator } from '../authentication/authenticator.js';
import { OpenResponses } from './open-responses.js';
import { SILENT } from '../log.js';
import { PrincipalCache } from '../authentication/principal-cache.js';

const { cacheTtlMs, leaseMs, margin } = DEFAULT_TIMINGS;
/** Responses are checked once a second. */
const LOOK_MS = 1000;

const format = new KeyFormat({ prefix: 'sk_live', tagSecrets: ['the tag secret of this test'] });
const id = newKeyId();
const { text: token } = format.print(id);

let now: number;
/** Ends the wait for the next check. */
let look: () => void;
let lease: { holdsLease: boolean; identity: string | null };
/** The answer of keys about the key, and how often it was asked. */
let answer: Verification;
let questions: number;
let cache: PrincipalCache;
let authenticator: Authenticator;
let open: OpenResponses;

beforeEach(() => {
  [now, questions] = [0, 0];
  lease = { holdsLease: true, identity: 'the log that is followed' };
  answer = valid();
  const clock = { now: () => now, wait: () => new Promise<void>((end) => (look = end)) };
  cache = new PrincipalCache({ clock, ...DEFAULT_TIMINGS, size: 10 });
  const verify = (): Promise<Verification> => {
    questions++;
    return Promise.resolve(answer);
  };
  authenticator = new Authenticator({ format, cache, verifier: { verify }, lease });
  open = new OpenResponses({ authenticator, clock, log: SILENT, lease, timings: DEFAULT_TIMINGS });
  open.start();
});

/** A key with so many milliseconds left, or that never expires. By the wall clock it has expired long ago. */
function valid(left: number | 'never' | 'not said' = 'never'): Verification {
  const owner = { id: 'ada', email: 'ada@example.com', emailVerified: false, role: 'user', tier: 'free' };
  const expiresAtMs = left === 'never' ? null : 0;
  const principal = { keyId: id, capabilities: [], expiresAtMs, rateLimitPerMinute: null, owner };
  const older = { outcome: 'valid', principal, cacheable: true } as const;
  return left === 'not said' ? older : { ...older, expiresInMs: left === 'never' ? null : left };
}
const refused = (reason: 'revoked' | 'expired'): Verification => ({
  outcome: 'refused',
  reason,
  cacheable: true,
});

/** An open response to a request with the key. */
async function stream(): Promise<ServerResponse> {
  const { revocationEpoch } = open;
  const found = await authenticator.authenticate(token);
  if (found.outcome !== 'authenticated') throw new Error('the key is not accepted');
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  open.add(response, token, found, revocationEpoch, () => undefined);
  return response;
}

/** Lets time pass, with a check every second. */
async function pass(ms: number): Promise<void> {
  for (const end = now + ms; now < end;) {
    now += LOOK_MS;
    look();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a response that is being sent', () => {
  it('is checked as often as a cached answer expires, while there is a lease', async () => {
    const response = await stream();
    answer = refused('revoked');
    await pass(cacheTtlMs - LOOK_MS);
    expect([response.destroyed, questions]).toEqual([false, 1]);
    await pass(LOOK_MS);
    expect([response.destroyed, questions, open.cutOff]).toEqual([true, 2, 1]);
  });

  it('is checked as often as a lease expires, while there is none: no revocation would be noticed', async () => {
    const response = await stream();
    answer = refused('revoked');
    await pass(leaseMs + LOOK_MS);
    expect([response.destroyed, questions]).toEqual([false, 1]);
    lease.holdsLease = false;
    await pass(LOOK_MS);
    expect([response.destroyed, questions]).toEqual([true, 2]);
  });

  it('continues while keys finds the key active each time', async () => {
    lease.holdsLease = false;
    const response = await stream();
    for (let asked = 2; asked < 6; asked++) {
      await pass(leaseMs);
      expect([response.destroyed, questions]).toEqual([false, asked]);
    }
    answer = refused('revoked');
    await pass(leaseMs);
    expect(response.destroyed).toBe(true);
  });

  it('continues while keys is unavailable, and is checked again a second later', async () => {
    lease.holdsLease = false;
    const response = await stream();
    answer = { outcome: 'unavailable', cause: new Error('away') };
    await pass(leaseMs + LOOK_MS);
    expect([response.destroyed, questions]).toEqual([false, 3]);
    answer = refused('revoked');
    await pass(LOOK_MS);
    expect(response.destroyed).toBe(true);
  });
});

describe('a response to a key that expires', () => {
  it('is cut off within a second of the expiry, once keys confirms it', async () => {
    answer = valid(5000 * margin);
    const response = await stream();
    answer = refused('expired');
    await pass(4000);
    expect([response.destroyed, questions]).toEqual([false, 1]);
    await pass(LOOK_MS);
    expect([response.destroyed, questions]).toEqual([true, 2]);
  });

  it('continues if keys says that there is time left, until that is over', async () => {
    answer = valid(3000 * margin);
    const response = await stream();
    answer = valid(2000 * margin);
    await pass(3000);
    expect([response.destroyed, questions]).toEqual([false, 2]);
    await pass(LOOK_MS);
    expect([response.destroyed, questions]).toEqual([false, 2]);
    answer = refused('expired');
    await pass(LOOK_MS);
    expect([response.destroyed, questions]).toEqual([true, 3]);
  });

  it('is cut off in time if the expiry was set after the response had begun', async () => {
    const response = await stream();
    answer = valid(3000 * margin);
    for (const droppable of [cache, open]) droppable.invalidate({ kind: 'key', id });
    await pass(2000);
    answer = refused('expired');
    expect([response.destroyed, questions]).toEqual([false, 2]);
    await pass(LOOK_MS);
    expect([response.destroyed, questions]).toEqual([true, 3]);
  });

  it('is checked each second if keys does not say how long the key has left', async () => {
    answer = valid('not said');
    const response = await stream();
    await pass(3000);
    expect([response.destroyed, questions]).toEqual([false, 4]);
    answer = refused('expired');
    await pass(LOOK_MS);
    expect(response.destroyed).toBe(true);
  });
});
