import * as z from 'zod/mini';
import type {
  Expiry,
  IssuedKey,
  Key,
  KeyActivity,
  KeyCheck,
  KeyPage,
  Revocation,
  Session,
} from '../../src/contract.js';

/*
 * What the backend answers, read before it is believed. Each is held to the contract's type by the compiler; what the
 * page does not show is not asked for.
 */
export const session: z.ZodMiniType<Session> = z.object({
  user: z.nullable(
    z.object({
      id: z.string(),
      email: z.string(),
      emailVerified: z.boolean(),
      name: z.string(),
      image: z.nullable(z.string()),
      role: z.string(),
      tier: z.string(),
    }),
  ),
  signIn: z.object({
    password: z.boolean(),
    providers: z.array(z.object({ id: z.string(), name: z.string() })),
  }),
  gatewayUrl: z.string(),
  keyPrefix: z.string(),
});

export const key: z.ZodMiniType<Key> = z.object({
  id: z.string(),
  publicPart: z.string(),
  last4: z.string(),
  ownerId: z.string(),
  name: z.string(),
  capabilities: z.array(z.string()),
  state: z.string(),
  createdAt: z.string(),
  createdBy: z.string(),
  expiresAt: z.nullable(z.string()),
  lastUsedAt: z.nullable(z.string()),
  replaces: z.nullable(z.string()),
  rateLimitPerMinute: z.nullable(z.number()),
  revokedAt: z.nullable(z.string()),
  revokedBy: z.nullable(z.string()),
  revocationReason: z.nullable(z.string()),
});

export const keyPage: z.ZodMiniType<KeyPage> = z.object({
  keys: z.array(key),
  nextCursor: z.nullable(z.string()),
});

export const issuedKey: z.ZodMiniType<IssuedKey> = z.object({ key, token: z.string() });

const effect = {
  key,
  effective: z.literal(true),
  gateways: z.number(),
  waitedMs: z.number(),
  how: z.string(),
};

export const revocation: z.ZodMiniType<Revocation> = z.object({ ...effect, revokedAt: z.string() });

export const expiry: z.ZodMiniType<Expiry> = z.object(effect);

export const keyActivity: z.ZodMiniType<KeyActivity> = z.object({
  activity: z.array(
    z.object({
      route: z.string(),
      status: z.number(),
      address: z.nullable(z.string()),
      count: z.number(),
      firstAt: z.string(),
      lastAt: z.string(),
    }),
  ),
});

export const keyCheck: z.ZodMiniType<KeyCheck> = z.object({
  status: z.number(),
  body: z.unknown(),
  tookMs: z.number(),
});

/** The body of `already_issued`: which key the first call has made. */
export const alreadyIssued = z.object({ code: z.literal('already_issued'), key });
