import { z } from 'zod';

/*
 * The words in answers are read as text: a caller keeps the ones that a newer keys service knows and it does not.
 */

/** A moment, as RFC 3339 text in UTC. */
const moment = z.iso.datetime();

/** Whose keys they are, as the dashboard knows them. */
export const owner = z.object({
  id: z.string(),
  email: z.string(),
  /** Whether the address is known to be theirs. A keys service from before this field does not know. */
  emailVerified: z.boolean().default(false),
  /** Who has told the address, such as `dashboard` or `cli`; null where that is not known. */
  emailSource: z.string().nullable().default(null),
  role: z.string(),
  tier: z.string(),
  suspendedAt: moment.nullable(),
  createdAt: moment,
});
export type Owner = Readonly<z.output<typeof owner>>;

/** What a key is right now. A suspended owner's keys keep theirs, though none is accepted. */
export const KEY_STATES = ['active', 'expired', 'revoked'] as const;
export type KeyState = (typeof KEY_STATES)[number];

/** The highest limit that a key may have, in requests a minute. */
export const HIGHEST_RATE_LIMIT = 1_000_000;

/** A key as everybody who manages keys may see it: never its secret, never its hash. */
export const key = z.object({
  id: z.string(),
  /** The recognisable beginning that may be shown: `sk_live_<id>`. */
  publicPart: z.string(),
  /** The last four characters, for people who compare. */
  last4: z.string(),
  ownerId: z.string(),
  name: z.string(),
  capabilities: z.array(z.string()).readonly(),
  /** A {@link KeyState}. */
  state: z.string(),
  createdAt: moment,
  /** Who made it: a person's id, or the tool's name. */
  createdBy: z.string(),
  expiresAt: moment.nullable(),
  lastUsedAt: moment.nullable(),
  /** The id of the key that it was made to replace. */
  replaces: z.string().nullable(),
  /** Requests a minute, or null for what the deployment allows every key. */
  rateLimitPerMinute: z.int().nullable(),
  revokedAt: moment.nullable(),
  revokedBy: z.string().nullable(),
  revocationReason: z.string().nullable(),
});
export type Key = Readonly<z.output<typeof key>>;

/** A key that was just made. `token` is the plaintext, which nobody can ever see again. */
export const issuedKey = z.object({ key, token: z.string() });
export type IssuedKey = Readonly<z.output<typeof issuedKey>>;

/** A page of keys, newest first; `nextCursor` asks for the next one. */
export const keyPage = z.object({ keys: z.array(key).readonly(), nextCursor: z.string().nullable() });
export type KeyPage = Readonly<z.output<typeof keyPage>>;

/** That a change has come into effect everywhere, and how. */
const inEffect = z.object({
  /** Always true: the call returns when no gateway is behind with it any more. */
  effective: z.literal(true),
  /** How many gateways have confirmed. */
  gateways: z.int(),
  /** Milliseconds from the commit until it was in effect. */
  waitedMs: z.number(),
  /** `acknowledged` by all gateways, or what ran out: `lease`, `cache-ttl`. */
  how: z.string(),
});
export type InEffect = Readonly<z.output<typeof inEffect>>;

/** That a key is revoked, and that no gateway accepts it any more. */
export const revocation = z.object({ key, revokedAt: moment, ...inEffect.shape });
export type Revocation = Readonly<z.output<typeof revocation>>;

/** That a key expires when its `expiresAt` says, and that every gateway knows. */
export const expiry = z.object({ key, ...inEffect.shape });
export type Expiry = Readonly<z.output<typeof expiry>>;

/** What a key has done lately, the latest first: the same request within an hour is one entry. */
export const keyActivity = z.object({
  activity: z
    .array(
      z.object({
        /** The method and pattern of the route: `GET /v1/desktops/:id`. */
        route: z.string(),
        /** What it was answered; 499 where the client had left before. */
        status: z.int(),
        /** The address that it came from; null where that is not known. */
        address: z.string().nullable(),
        count: z.int(),
        firstAt: moment,
        lastAt: moment,
      }),
    )
    .readonly(),
});
export type KeyActivity = Readonly<z.output<typeof keyActivity>>;

/** What an owner is to be. */
export interface OwnerRequest {
  readonly email: string;
  /** Whether the address is known to be theirs; what is known of the same address stays, when absent. */
  readonly emailVerified?: boolean;
  /** Who tells the address, such as `dashboard`. Default: the one who told the same address before. */
  readonly emailSource?: string;
  readonly role?: string;
  readonly tier?: string;
  /** Who asks. */
  readonly actor?: string;
}

/** What a new key is to be. */
export interface IssueRequest {
  readonly name: string;
  readonly capabilities: readonly string[];
  /** RFC 3339; never, when absent. */
  readonly expiresAt?: string;
  /** The id of a key of the same owner that this one is to replace. */
  readonly replaces?: string;
  /** Requests a minute, from 1 to {@link HIGHEST_RATE_LIMIT}; what the deployment allows every key, when absent. */
  readonly rateLimitPerMinute?: number;
  /** Who asks. */
  readonly actor?: string;
}
