import { hash } from 'node:crypto';

/** The block size of SHA-256, in bytes. */
const BLOCK = 64;
const DIGEST = 32;

/** The maximum length of a text, in bytes: a key has 63 to 83, the input of a verdict 116. */
const MAX_BYTES = 256;

/**
 * HMAC-SHA-256 (RFC 2104 section 2) under one secret, as two hashes of a single call each. `createHmac` allocates a native
 * object for every text, and a Buffer has memory outside the heap: under a flood of forged keys, cleaning up after these
 * costs several times what the hashing does. So digests are strings here, one character per byte.
 */
export class HmacSha256 {
  /** The secret with ipad, followed by the text. */
  readonly #inner = Buffer.alloc(BLOCK + MAX_BYTES);
  /** The secret with opad, followed by the inner digest. */
  readonly #outer = Buffer.alloc(BLOCK + DIGEST);

  constructor(secret: string) {
    const given = Buffer.from(secret);
    // A secret longer than a block is hashed first; a shorter one is padded with zeros.
    const key = given.length > BLOCK ? hash('sha256', given, 'buffer') : given;
    for (let i = 0; i < BLOCK; i++) {
      const byte = key[i] ?? 0;
      this.#inner[i] = byte ^ 0x36;
      this.#outer[i] = byte ^ 0x5c;
    }
  }

  /** The 32 bytes, encoded as `binary` (latin1); throws a RangeError if `text` is longer than 256 bytes. */
  digest(text: string): string {
    if (Buffer.byteLength(text) > MAX_BYTES)
      throw new RangeError(`the text has more than ${MAX_BYTES} bytes`);
    const end = BLOCK + this.#inner.write(text, BLOCK);
    this.#outer.write(hash('sha256', this.#inner.subarray(0, end), 'binary'), BLOCK, 'binary');
    return hash('sha256', this.#outer, 'binary');
  }
}
