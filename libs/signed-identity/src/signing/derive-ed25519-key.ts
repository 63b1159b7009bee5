import { type KeyObject, createPrivateKey, hkdfSync } from 'node:crypto';

/** The DER prefix of a 32-byte Ed25519 private key in PKCS #8 (RFC 8410 section 7). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * Derives an Ed25519 private key from `secret`, by HKDF-SHA-256 (RFC 5869): the same secret and purpose always give the same
 * key, and keys of different purposes reveal nothing about each other. Any 32 bytes are a key (RFC 8032 section 5.1.5).
 */
export function deriveEd25519Key(secret: string, purpose: string): KeyObject {
  const seed = Buffer.from(hkdfSync('sha256', secret, '', purpose, 32));
  return createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' });
}
