import { type KeyObject, createPublicKey } from 'node:crypto';
import { type JWK, calculateJwkThumbprint, exportJWK } from 'jose';
import { ALGORITHM } from '../contract.js';
import { deriveEd25519Key } from './derive-ed25519-key.js';

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

/** Derives a key pair from `secret`: the same secret always gives the same pair. */
export async function signingKeyFrom(secret: string): Promise<SigningKey> {
  const privateKey = deriveEd25519Key(secret, PURPOSE);
  const jwk = await exportJWK(createPublicKey(privateKey));
  const kid = await calculateJwkThumbprint(jwk);
  return { kid, privateKey, publicJwk: { ...jwk, kid, alg: ALGORITHM, use: 'sig' } };
}
