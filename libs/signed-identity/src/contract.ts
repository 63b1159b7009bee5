import { z } from 'zod';

/** The header that carries an identity. */
export const IDENTITY_HEADER = 'x-le-bureau-identity';

/** Who signs. */
export const ISSUER = 'le-bureau-gateway';

/** The one algorithm: Ed25519 (RFC 8037 section 3.1). What a token says about itself is not asked. */
export const ALGORITHM = 'EdDSA';

/** How long an identity is valid, in seconds. */
export const LIFETIME_SECONDS = 60;

/** The groups of services behind the gateway. An identity is for one of them, and is worth nothing at another. */
export type AudienceName = 'desktops' | 'schedules' | 'kb';

/**
 * What an identity says besides who signed it and for whom. Capabilities are any words: a service may be older than the
 * gateway, and must not refuse a caller for a capability that it has never heard of.
 */
export const identityClaims = z.object({
  sub: z.string().min(1),
  key_id: z.string().min(1),
  capabilities: z.array(z.string()).readonly(),
  role: z.string(),
  tier: z.string(),
  email: z.string(),
  /** Whether the address is known to be theirs. A gateway from before this claim does not say. */
  email_verified: z.boolean().default(false),
  iat: z.number(),
  exp: z.number(),
});
