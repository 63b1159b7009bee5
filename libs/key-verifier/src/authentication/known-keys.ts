import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { isSameText } from '#libs/key-format';
import type { KeyReader } from './authenticator.js';

/** How many are remembered. Each takes about 200 bytes. */
const MAX_KEYS = 20_000;

/**
 * Remembers which keys were found valid in this process, by their digests and never their texts. A client that presents one
 * is not guessing keys. It may have been revoked since.
 */
export class KnownKeys {
  readonly #digests = new LRUCache<string, string>({ max: MAX_KEYS });
  readonly #format: Pick<KeyReader, 'extractId'>;

  constructor(format: Pick<KeyReader, 'extractId'>) {
    this.#format = format;
  }

  /** `keyId`: must not be a slice of the text, which would keep all of it in memory. */
  add(keyId: string, text: string): void {
    this.#digests.set(keyId, digestOf(text));
  }

  /** The key is no longer valid. */
  remove(keyId: string): void {
    this.#digests.delete(keyId);
  }

  /** Makes no RPC, and computes a digest only if the ID is known. */
  has(text: string): boolean {
    const digest = this.#digests.get(this.#format.extractId(text));
    return digest !== undefined && isSameText(digest, digestOf(text));
  }
}

function digestOf(text: string): string {
  return hash('sha256', text, 'base64');
}
