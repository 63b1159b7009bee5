import { type KeyObject, createPrivateKey, createPublicKey, hkdfSync } from 'node:crypto';
import { type JWK, calculateJwkThumbprint, exportJWK } from 'jose';
import { ALGORITHM } from '../contract.js';

/** A key pair that identities are signed with. */
export interface SigningKey {
  /** The thumbprint of the public key (RFC 7638). */
  readonly kid: string;
  readonly privateKey: KeyObject;
  /** The public key (RFC 8037 section 2). */
  readonly publicJwk: JWK;
}

/** Part of the derivation of every key: with another text, all keys would be different. */
const PURPOSE = 'le-bureau identity v1';

/** The DER prefix of a 32-byte Ed25519 private key in PKCS #8 (RFC 8410 section 7). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * Derives a key pair from `secret`, by HKDF-SHA-256 (RFC 5869): the same secret always gives the same pair. Any 32 bytes
 * are an Ed25519 private key (RFC 8032 section 5.1.5).
 */
export async function signingKeyFrom(secret: string): Promise<SigningKey> {
  const seed = Buffer.from(hkdfSync('sha256', secret, '', PURPOSE, 32));
  const privateKey = createPrivateKey({
    key: Buffer.concat([PKCS8_HEAD, seed]),
    format: 'der',
    type: 'pkcs8',
  });
  const jwk = await exportJWK(createPublicKey(privateKey));
  const kid = await calculateJwkThumbprint(jwk);
  return { kid, privateKey, publicJwk: { ...jwk, kid, alg: ALGORITHM, use: 'sig' } };
}
