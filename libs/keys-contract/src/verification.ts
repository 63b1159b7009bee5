import * as z from 'zod/mini';

/** The message that asks about a key. If its meaning changes, so does its number, so that versions can run side by side. */
export const VERIFY_PATTERN = 'verify.v3';

/** The message that asks whether keys can be verified. The answer is true or false. */
export const READY_PATTERN = 'ready.v1';

/**
 * The message that asks which capabilities the catalogue has. A keys service from before it answers that it has no handler
 * for the message.
 */
export const CATALOGUE_PATTERN = 'catalogue.v1';

/** The answer: the names of all capabilities that a key can get, in the order of the catalogue. */
export const catalogueNamesSchema = z.object({ capabilities: z.readonly(z.array(z.string())) });
export type CatalogueNames = Readonly<z.output<typeof catalogueNamesSchema>>;

/**
 * The message that asks which tag secrets keys has, so that a guard with another one can say so. A keys service from before
 * it answers that it has no handler for the message.
 */
export const TAG_SECRETS_PATTERN = 'tag-secrets.v1';

/** The answer: a fingerprint of each, the first being of the one that signs. */
export const tagSecretsSchema = z.object({ fingerprints: z.readonly(z.array(z.string())) });
export type TagSecrets = Readonly<z.output<typeof tagSecretsSchema>>;

/** The largest message of the verification RPC, in characters. A question has about 300, an answer about 1,000. */
export const MAX_MESSAGE_LENGTH = 1024 * 1024;

/** A question about a key. */
export interface VerifyQuestion {
  /** The service token of the verification RPC. */
  readonly credential: string;
  /** The whole key. */
  readonly key: string;
  /** The identity of the revocation log that the gateway follows, or null if it follows none. */
  readonly log: string | null;
  /**
   * What the caller enforces, of what a key may be restricted by. A key with another restriction is refused, so that a
   * gateway of a version that does not know it accepts none. Version 0.1.0 does not send it.
   */
  readonly enforces?: readonly Restriction[];
  /** The caller's span (W3C Trace Context), if it is traced. A keys service that does not know the field ignores it. */
  readonly traceparent?: string;
}

/** What a key may be restricted by, which only the one who has the request can check. */
export type Restriction = 'allowedIps';

const principalSchema = z.object({
  keyId: z.string(),
  /** Some may be unknown to this version. */
  capabilities: z.readonly(z.array(z.string())),
  /**
   * When the key expires, in milliseconds since 1970, or null for never. Only for display: whether a key has expired is
   * decided by PostgreSQL's clock.
   */
  expiresAtMs: z.nullable(z.number()),
  /** Requests per minute, or null for what the gateway allows every key. */
  rateLimitPerMinute: z.nullable(z.int().check(z.minimum(1))),
  /** The addresses and networks that it may be used from; left out: any. One that cannot be read allows no address. */
  allowedIps: z.optional(z.readonly(z.array(z.string()))),
  owner: z.readonly(
    z.object({
      id: z.string(),
      email: z.string(),
      /** Whether the address is known to be theirs. Version 0.1.0 does not send it. */
      emailVerified: z._default(z.boolean(), false),
      role: z.string(),
      tier: z.string(),
    }),
  ),
});

/** Who makes a request: the key, what it may do, and its owner. */
export type Principal = Readonly<z.output<typeof principalSchema>>;

/** Why a key is not accepted. For logs: from outside, the reasons cannot be told apart. */
const REFUSALS = [
  'malformed',
  'mistyped',
  'forged',
  'unknown',
  'wrong_secret',
  'revoked',
  'expired',
  'paused',
  'owner_suspended',
  /** A reason that this version does not know. */
  'other',
] as const;
export type Refusal = (typeof REFUSALS)[number];

/**
 * Whether the answer may be cached: only by a gateway that follows the log that revocations are published to, and never
 * for an unknown ID, so that a key works as soon as the call that issues it returns.
 */
const cacheable = z.boolean();

/**
 * How many milliseconds the key had left, by PostgreSQL's clock, when its row was read; null: it never expires. Version
 * 0.1.0 does not send it.
 */
const expiresInMs = z.optional(z.nullable(z.number()));

/** The answer about a key. */
export const verifyAnswerSchema = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('valid'), principal: principalSchema, cacheable, expiresInMs }),
  z.object({ outcome: z.literal('refused'), reason: z.catch(z.enum(REFUSALS), 'other'), cacheable }),
  z.object({ outcome: z.literal('busy'), retryAfterSeconds: z.number() }),
]);
export type VerifyAnswer = z.output<typeof verifyAnswerSchema>;
