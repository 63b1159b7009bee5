import { type JSONWebKeySet, SignJWT } from 'jose';
import type { Principal } from '#libs/keys-contract';
import { ALGORITHM, type AudienceName, ISSUER, LIFETIME_SECONDS } from '../contract.js';
import { type SigningKey, signingKeyFrom } from './signing-key.js';

/** How long a signature is reused, in milliseconds: far less than it is valid for. */
const REUSE_MS = 10_000;

interface Signed {
  readonly atMs: number;
  readonly token: Promise<string>;
}

/** Signs the caller's identity for the services behind the gateway. */
export class IdentitySigner {
  readonly #keys: readonly [SigningKey, ...SigningKey[]];
  readonly #now: () => number;
  /** By principal, so that signatures are dropped when the guard's cache drops it, and a changed principal gets new ones. */
  readonly #signed = new WeakMap<Principal, Map<AudienceName, Signed>>();

  private constructor(keys: readonly [SigningKey, ...SigningKey[]], now: () => number) {
    this.#keys = keys;
    this.#now = now;
  }

  /** The first secret signs; the public keys of all are published. `now` is in milliseconds since 1970. */
  static async from(
    [first, ...others]: readonly [string, ...string[]],
    now: () => number = Date.now,
  ): Promise<IdentitySigner> {
    const keys = await Promise.all(others.map((secret) => signingKeyFrom(secret)));
    return new IdentitySigner([await signingKeyFrom(first), ...keys], now);
  }

  /** A JWT with the identity of `principal`, only for `audience`; valid for at least 50 seconds from now. */
  sign(principal: Principal, audience: AudienceName): Promise<string> {
    const now = this.#now();
    const known = this.#signed.get(principal) ?? new Map<AudienceName, Signed>();
    const signed = known.get(audience);
    // Not from the future, either: the clock may have been set back since, by more than an identity is valid for.
    if (signed !== undefined && now >= signed.atMs && now < signed.atMs + REUSE_MS) return signed.token;
    const token = this.#make(principal, audience, Math.floor(now / 1000));
    this.#signed.set(principal, known.set(audience, { atMs: now, token }));
    return token;
  }

  /** The public keys, as upstreams fetch them (RFC 7517 section 5). */
  jwks(): JSONWebKeySet {
    return { keys: this.#keys.map(({ publicJwk }) => publicJwk) };
  }

  #make({ owner, keyId, capabilities }: Principal, audience: AudienceName, iat: number): Promise<string> {
    const [{ kid, privateKey }] = this.#keys;
    const { role, tier, email, emailVerified } = owner;
    return new SignJWT({
      key_id: keyId,
      capabilities: [...capabilities],
      role,
      tier,
      email,
      email_verified: emailVerified,
    })
      .setProtectedHeader({ alg: ALGORITHM, kid, typ: 'JWT' })
      .setIssuer(ISSUER)
      .setAudience(audience)
      .setSubject(owner.id)
      .setIssuedAt(iat)
      .setExpirationTime(iat + LIFETIME_SECONDS)
      .sign(privateKey);
  }
}
