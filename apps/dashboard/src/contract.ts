import * as z from 'zod/mini';
import type { IssueRequest } from '#libs/keys-contract';

/*
 * The API between the backend and its page, under /api on the same origin, except for what the keys service answers: that
 * is passed on as in libs/keys-contract. The page imports this file, so it imports nothing of the backend.
 */

const userSchema = z.object({
  /** The ID of their owner in the keys service, which services behind the gateway see as `sub`. */
  id: z.string(),
  email: z.string(),
  /** Whether a provider has verified that the address is theirs. */
  emailVerified: z.boolean(),
  name: z.string(),
  /** URL of a picture, from the provider. */
  image: z.nullable(z.string()),
  role: z.string(),
  tier: z.string(),
});

/** Who is signed in. */
export type User = Readonly<z.output<typeof userSchema>>;

const signInProviderSchema = z.object({
  id: z.string(),
  /** As shown to people. */
  name: z.string(),
});

/** Google, GitHub or an OpenID Connect issuer. */
export type SignInProvider = Readonly<z.output<typeof signInProviderSchema>>;

/** Why a sign-in with a provider has failed: the `error` in the URL of `/sign-in` to which it leads. */
export const SIGN_IN_ERRORS = [
  'canceled',
  'expired',
  'unavailable',
  'not_linked',
  'email_missing',
  'email_not_verified',
  'not_allowed',
  'failed',
] as const;
export type SignInError = (typeof SIGN_IN_ERRORS)[number];

/** `GET /api/session`, which needs no session. */
export const sessionSchema = z.object({
  user: z.nullable(userSchema),
  signIn: z.object({ password: z.boolean(), providers: z.readonly(z.array(signInProviderSchema)) }),
  /** The product's name; null if the keys service does not tell it at the moment. */
  title: z.nullable(z.string()),
  /** Where people call the API with their keys. */
  gatewayUrl: z.string(),
  /** The prefix of keys: `sk_live`. */
  keyPrefix: z.string(),
});
export type Session = Readonly<z.output<typeof sessionSchema>>;

/** `POST /api/keys`, with the header `Idempotency-Key`. The response is an `IssuedKey`. */
export type NewKey = Pick<IssueRequest, 'name' | 'capabilities' | 'expiresAt' | 'replaces' | 'allowedIps'>;

/** `POST /api/keys/check`: the response of the gateway to `GET /v1/me` with the key. */
export const keyCheckSchema = z.object({ status: z.int(), body: z.unknown(), tookMs: z.number() });
export type KeyCheck = Readonly<z.output<typeof keyCheckSchema>>;

/** What happened to the person or their keys. Of others who acted, it says only what they let everybody know. */
export const personalEventSchema = z.object({
  id: z.string(),
  at: z.string(),
  /** Such as `key.revoked` or `person.signed_in`; the keys service may know further ones. */
  action: z.string(),
  /** Whether it was the person who is signed in. */
  isYours: z.boolean(),
  /** Who else it was: an operator, or the name of a tool. Null if it was the person, somebody unknown or another person. */
  actor: z.nullable(z.string()),
  /** The IP address that the person, or somebody who tried to sign in as them, had; null if it was somebody else's. */
  address: z.nullable(z.string()),
  /** The key that it is about. */
  key: z.nullable(z.object({ name: z.string(), last4: z.string() })),
  details: z.object({
    /** How they signed in: `password`, or the ID of a provider. */
    method: z.optional(z.string()),
    /** Attempts to sign in, and how many of them were refused for being too many. */
    attempts: z.optional(z.number()),
    limited: z.optional(z.number()),
    /** Why a key was revoked. */
    reason: z.optional(z.string()),
    /** When a key will expire. */
    expiresAt: z.optional(z.string()),
    /** Where others have found a key. Anybody who has the key can report any URL. */
    url: z.optional(z.string()),
  }),
});
export type PersonalEvent = Readonly<z.output<typeof personalEventSchema>>;

/** `GET /api/audit`: newest first. */
export const personalEventPageSchema = z.object({
  events: z.readonly(z.array(personalEventSchema)),
  /** The cursor of the next page, or null at the end. */
  nextCursor: z.nullable(z.string()),
});
export type PersonalEventPage = Readonly<z.output<typeof personalEventPageSchema>>;
