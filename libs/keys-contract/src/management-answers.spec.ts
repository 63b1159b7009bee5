import { describe, expect, it } from '@jest/globals';
import {
  type Key,
  alreadyIssuedSchema,
  catalogueSchema,
  keyPageSchema,
  ownerPageSchema,
  ownerSchema,
  revocationSchema,
} from './management-answers.js';

const KEY: Key = {
  id: '0352dezfK9Gia0iM56jbgM',
  publicPart: 'sk_live_0352dezfK9Gia0iM56jbgM',
  last4: 'x7Qa',
  ownerId: 'ada',
  name: 'CI',
  capabilities: ['desktop:read'],
  state: 'active',
  createdAt: '2026-11-27T10:00:00.000Z',
  createdBy: 'ada',
  expiresAt: null,
  lastUsedAt: null,
  replaces: null,
  rateLimitPerMinute: null,
  allowedIps: null,
  pausedAt: null,
  exposedAt: null,
  exposureSource: null,
  revokedAt: null,
  revokedBy: null,
  revocationReason: null,
};

describe('an answer of the management API', () => {
  it('from a later version keeps its words, and loses the fields that are unknown here', () => {
    const key = { ...KEY, state: 'exposed', capabilities: ['invoices:read', 'desktop:read'] };
    const page = { keys: [key], nextCursor: null };
    expect(
      keyPageSchema.parse({ keys: [{ ...key, pausedBy: 'grace' }], nextCursor: null, total: 1 }),
    ).toEqual(page);
  });

  it('from a later version may say more of the catalogue', () => {
    const capability = { name: 'a:b', title: 'A', description: 'B', group: 'a', default: true, broad: false };
    const lifetimes = { defaultDays: 90, maxDays: null, idleDays: null };
    const catalogue = { title: 'T', groups: [{ name: 'a', title: 'A' }], presets: [], lifetimes };
    const later = {
      ...catalogue,
      groups: [{ name: 'a', title: 'A', icon: 'b' }],
      capabilities: [{ ...capability, since: 1 }],
      lifetimes: { ...lifetimes, minDays: 1 },
      languages: [],
    };
    expect(catalogueSchema.parse(later)).toEqual({ ...catalogue, capabilities: [capability] });
  });

  it('from an earlier version has no rules for lifetimes', () => {
    const { lifetimes } = catalogueSchema.parse({ title: 'T', groups: [], capabilities: [], presets: [] });
    expect(lifetimes).toEqual({ defaultDays: null, maxDays: null, idleDays: null });
  });

  it('from a later version may say of a change that it is in effect for another reason', () => {
    const revocation = {
      key: KEY,
      revokedAt: KEY.createdAt,
      effective: true,
      gateways: 2,
      waitedMs: 3.5,
      how: 'quorum',
    };
    expect(revocationSchema.parse(revocation)).toEqual(revocation);
  });

  it('from version 0.1.0 says of no address that it is verified, and has all owners of one on one page', () => {
    const older = {
      id: 'ada',
      email: 'ada@example.com',
      role: 'user',
      tier: 'free',
      suspendedAt: null,
      createdAt: KEY.createdAt,
    };
    const owner = { ...older, emailVerified: false, emailSource: null };
    expect(ownerSchema.parse(older)).toEqual(owner);
    expect(ownerPageSchema.parse({ owners: [older] })).toEqual({ owners: [owner], nextCursor: null });
  });

  it('from version 0.1.0 says of no key which addresses it may be used from', () => {
    const page = { keys: [KEY], nextCursor: null };
    const older = { ...KEY, allowedIps: undefined };
    expect(keyPageSchema.parse({ ...page, keys: [older] })).toEqual(page);
  });

  it.each([
    ['without a state', { ...KEY, state: undefined }],
    ['with a date that is none', { ...KEY, createdAt: 'yesterday' }],
    ['with capabilities that are no list', { ...KEY, capabilities: 'desktop:read' }],
  ])('is not read as a key: %s', (_, key) => {
    expect(keyPageSchema.safeParse({ keys: [key], nextCursor: null }).success).toBe(false);
  });

  it('refuses a repeated request for a key with the key that is there', () => {
    const problem = { code: 'already_issued', detail: 'It is there already.', key: KEY };
    expect(alreadyIssuedSchema.parse(problem)).toEqual({ code: 'already_issued', key: KEY });
    expect(alreadyIssuedSchema.safeParse({ ...problem, code: 'not_found' }).success).toBe(false);
  });
});
