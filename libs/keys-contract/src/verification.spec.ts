import { describe, expect, it } from '@jest/globals';
import { verifyAnswerSchema } from './verification.js';

/** An answer of a keys service from before it said how long a key has left. */
const older = {
  outcome: 'valid',
  principal: {
    keyId: '0352dezfK9Gia0iM56jbgM',
    capabilities: ['desktop:read'],
    expiresAtMs: 1_764_000_000_000,
    rateLimitPerMinute: null,
    owner: { id: 'ada', email: 'ada@example.com', emailVerified: false, role: 'user', tier: 'free' },
  },
  cacheable: true,
};

describe('the answer about a key', () => {
  it('from before it said how long a key has left is understood, and says nothing of that', () => {
    const answer = verifyAnswerSchema.parse(older);
    expect(answer).toEqual(older);
    expect(answer).not.toHaveProperty('expiresInMs');
  });

  it.each([1234.567, null])('says how long a key has left: %s', (expiresInMs) => {
    expect(verifyAnswerSchema.parse({ ...older, expiresInMs })).toEqual({ ...older, expiresInMs });
  });

  it('from a later version is understood without what that has added, so that either may be replaced first', () => {
    expect(verifyAnswerSchema.parse({ ...older, addedLater: 1 })).toEqual(older);
  });

  it('from a later version is understood with unknown capabilities and reasons', () => {
    const capabilities = ['invoices:read', 'desktop:read'];
    const answer = verifyAnswerSchema.parse({ ...older, principal: { ...older.principal, capabilities } });
    expect(answer).toMatchObject({ principal: { capabilities } });
    const refusal = { outcome: 'refused', reason: 'quarantined', cacheable: true };
    expect(verifyAnswerSchema.parse(refusal)).toEqual({ ...refusal, reason: 'other' });
  });

  it('says which addresses a key may be used from, and is not understood if they are no texts', () => {
    const of = (allowedIps: unknown) => ({ ...older, principal: { ...older.principal, allowedIps } });
    const restricted = of(['203.0.113.0/24', 'a later form']);
    expect(verifyAnswerSchema.parse(restricted)).toEqual(restricted);
    for (const allowedIps of [null, '203.0.113.7', [7], {}])
      expect(verifyAnswerSchema.safeParse(of(allowedIps)).success).toBe(false);
  });

  it('that says no number of milliseconds is none', () => {
    expect(verifyAnswerSchema.safeParse({ ...older, expiresInMs: '1234' }).success).toBe(false);
  });
});
