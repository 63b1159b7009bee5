import {
  type JSONWebKeySet,
  type JWTVerifyGetKey,
  createLocalJWKSet,
  createRemoteJWKSet,
  jwtVerify,
} from 'jose';
import { ALGORITHM, type AudienceName, ISSUER, identityClaims } from './contract.js';

/** Where the gateway's public keys come from: their URL, or the keys themselves. */
export type PublicKeys = { readonly jwksUrl: string } | { readonly jwks: JSONWebKeySet };

/** The caller's identity, as the gateway has signed it. */
export interface SignedIdentity {
  readonly ownerId: string;
  readonly keyId: string;
  readonly capabilities: readonly string[];
  readonly role: string;
  readonly tier: string;
  readonly email: string;
  /** Whether the owner's address is verified. Base no decision on an address that is not. */
  readonly emailVerified: boolean;
}

/** Why an identity is not accepted. For logs; from outside they look alike. */
export type IdentityRefusal =
  | 'identity_expired'
  | 'identity_malformed'
  | 'identity_of_unknown_key'
  | 'identity_wrong_algorithm'
  | 'identity_wrong_claims'
  | 'identity_wrong_signature';

export type IdentityVerification =
  | { readonly outcome: 'verified'; readonly identity: SignedIdentity }
  | { readonly outcome: 'refused'; readonly reason: IdentityRefusal }
  /** The public keys cannot be fetched. */
  | { readonly outcome: 'unavailable'; readonly cause: unknown };

/** jose's errors that are the token's fault. All others are not. */
const REFUSALS: ReadonlyMap<unknown, IdentityRefusal> = new Map<string, IdentityRefusal>([
  ['ERR_JWT_EXPIRED', 'identity_expired'],
  ['ERR_JWS_INVALID', 'identity_malformed'],
  ['ERR_JWT_INVALID', 'identity_malformed'],
  ['ERR_JWKS_NO_MATCHING_KEY', 'identity_of_unknown_key'],
  ['ERR_JWKS_MULTIPLE_MATCHING_KEYS', 'identity_of_unknown_key'],
  ['ERR_JOSE_ALG_NOT_ALLOWED', 'identity_wrong_algorithm'],
  ['ERR_JOSE_NOT_SUPPORTED', 'identity_wrong_algorithm'],
  ['ERR_JWT_CLAIM_VALIDATION_FAILED', 'identity_wrong_claims'],
  ['ERR_JWS_SIGNATURE_VERIFICATION_FAILED', 'identity_wrong_signature'],
]);

/** By how much the clocks of gateway and service may differ, in seconds. */
const TOLERANCE_SECONDS = 5;

/** Verifies identities that the gateway has signed. */
export class IdentityVerifier {
  readonly #keyFor: JWTVerifyGetKey;
  readonly #now: () => number;

  /** `now` is in milliseconds since 1970. */
  constructor(keys: PublicKeys, now: () => number = Date.now) {
    this.#keyFor = 'jwks' in keys ? createLocalJWKSet(keys.jwks) : createRemoteJWKSet(new URL(keys.jwksUrl));
    this.#now = now;
  }

  async verify(token: string, audience: AudienceName): Promise<IdentityVerification> {
    try {
      const { payload } = await jwtVerify(token, this.#keyFor, {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience,
        clockTolerance: TOLERANCE_SECONDS,
        currentDate: new Date(this.#now()),
      });
      const claims = identityClaims.safeParse(payload);
      if (!claims.success) return { outcome: 'refused', reason: 'identity_wrong_claims' };
      const { sub: ownerId, key_id: keyId, capabilities, role, tier, email } = claims.data;
      const emailVerified = claims.data.email_verified;
      return {
        outcome: 'verified',
        identity: { ownerId, keyId, capabilities, role, tier, email, emailVerified },
      };
    } catch (err) {
      const reason = REFUSALS.get(codeOf(err));
      return reason === undefined ? { outcome: 'unavailable', cause: err } : { outcome: 'refused', reason };
    }
  }
}

function codeOf(err: unknown): unknown {
  return typeof err === 'object' && err !== null && 'code' in err ? err.code : undefined;
}
