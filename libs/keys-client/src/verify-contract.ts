import { z } from 'zod';
import { sharedCapabilities } from '#libs/capabilities';

/** The message pattern of the verification RPC. A changed meaning gets a new number, so that versions can live side by side. */
export const VERIFY_PATTERN = 'verify.v3';

/** The message pattern by which a gateway asks whether keys can verify: its answer is true, or false. */
export const READY_PATTERN = 'ready.v1';

/** The largest message on the verification RPC, in characters. A question has about 300, an answer about 1,000. */
export const VERIFY_MESSAGE_LIMIT = 1024 * 1024;

/** What a gateway asks. */
export interface VerifyQuestion {
  /** The credential of the verification RPC. */
  readonly credential: string;
  /** The whole key. */
  readonly key: string;
  /** The identity of the revocation log that the gateway follows, or null when it follows none. */
  readonly log: string | null;
  /** The caller's span (W3C Trace Context), while that is traced. A keys that does not know the field ignores it. */
  readonly traceparent?: string;
}

const principal = z.object({
  keyId: z.string(),
  /** Some may be unknown to this version. Shared, since a gateway holds the answers about thousands of keys. */
  capabilities: z.array(z.string()).transform(sharedCapabilities),
  /**
   * When the key expires, in milliseconds since 1970, or null for never. To be shown: whether it has expired, only
   * PostgreSQL's clock decides.
   */
  expiresAtMs: z.number().nullable(),
  /** Requests a minute, or null for what the gateway allows every key. */
  rateLimitPerMinute: z.int().min(1).nullable(),
  owner: z
    .object({
      id: z.string(),
      email: z.string(),
      /** Whether the address is known to be theirs. A keys service from before this field does not know. */
      emailVerified: z.boolean().default(false),
      role: z.string(),
      tier: z.string(),
    })
    .readonly(),
});

/** Who makes a request: the key, what it may do, and whose it is. */
export type Principal = Readonly<z.output<typeof principal>>;

/** Why a key is not accepted. For logs; from outside they look alike. */
const REFUSALS = [
  'malformed',
  'mistyped',
  'forged',
  'unknown',
  'wrong_secret',
  'revoked',
  'expired',
  'owner_suspended',
  /** One that this version does not know. */
  'other',
] as const;
export type Refusal = (typeof REFUSALS)[number];

/**
 * Whether the answer may be kept for a while: only by a gateway that follows the log that revocations are published to,
 * and never about an unknown id, so that a key works the moment its issue has returned.
 */
const cacheable = z.boolean();

/**
 * How many milliseconds the key had left, by PostgreSQL's clock, when its row was read; null: it never expires. A keys
 * service from before this field leaves it out.
 */
const expiresInMs = z.number().nullable().optional();

/** What keys answers at the verification RPC. */
export const verifyAnswer = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('valid'), principal, cacheable, expiresInMs }),
  z.object({ outcome: z.literal('refused'), reason: z.enum(REFUSALS).catch('other'), cacheable }),
  z.object({ outcome: z.literal('busy'), retryAfterSeconds: z.number() }),
]);
export type VerifyAnswer = z.output<typeof verifyAnswer>;
