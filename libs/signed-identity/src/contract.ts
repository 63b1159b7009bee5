import { z } from 'zod';

/** The header that carries an identity. */
export const IDENTITY_HEADER = 'x-le-bureau-identity';

/** The issuer of identities. */
export const ISSUER = 'le-bureau-gateway';

/** The only algorithm: Ed25519 (RFC 8037 section 3.1). What a token says about its own algorithm is ignored. */
export const ALGORITHM = 'EdDSA';

/** How long an identity is valid, in seconds. */
export const LIFETIME_SECONDS = 60;

/**
 * The name of a service behind the gateway, as the catalogue has it for the upstream of a group. An identity is for one of
 * them, and is refused by the others.
 */
export type AudienceName = string;

/**
 * The claims of an identity besides issuer and audience. Capabilities are any text: a service may be older than the
 * gateway, and must not refuse a caller because of a capability that it does not know.
 */
export const identityClaims = z.object({
  sub: z.string().min(1),
  key_id: z.string().min(1),
  capabilities: z.array(z.string()).readonly(),
  role: z.string(),
  tier: z.string(),
  email: z.string(),
  /** Whether the address is verified. A gateway from before this claim does not say. */
  email_verified: z.boolean().default(false),
  iat: z.number(),
  exp: z.number(),
});
