import { type GenuineKey, HmacSha256, isSameText } from '#libs/key-format';

/** What a verdict is about: the key's public ID and its secret. */
export type VerifiedSecret = Pick<GenuineKey, 'id' | 'secret'>;

/**
 * Signs and verifies verdicts. A verdict says that bcrypt found this secret right for this ID and this stored hash:
 * HMAC-SHA-256 (RFC 2104) over the three, base64url. Those who can write to the store cannot forge one without the verdict
 * secret, and those who can read it learn nothing about a secret of 190 random bits.
 *
 * It includes the hash, so that it is void once the stored hash is another: after a restored backup or a row changed by
 * hand, bcrypt runs again. It does not say whether the key is active.
 */
export class VerdictSigner {
  readonly #signing: HmacSha256;
  readonly #verifying: readonly HmacSha256[];

  /** The first secret signs, all verify. */
  constructor([signing, ...older]: readonly [string, ...string[]]) {
    this.#signing = new HmacSha256(signing);
    this.#verifying = [this.#signing, ...older.map((secret) => new HmacSha256(secret))];
  }

  sign(verified: VerifiedSecret, hash: string): string {
    return macOf(this.#signing, verified, hash);
  }

  /** Whether `verdict` is for exactly this ID, secret and hash, under any of the verdict secrets. */
  accepts(verdict: string, verified: VerifiedSecret, hash: string): boolean {
    return this.#verifying.some((hmac) => isSameText(verdict, macOf(hmac, verified, hash)));
  }
}

/** ID and secret have fixed lengths, so the concatenation is unambiguous. */
function macOf(hmac: HmacSha256, { id, secret }: VerifiedSecret, hash: string): string {
  return Buffer.from(hmac.digest(`${id}.${secret}.${hash}`), 'binary').toString('base64url');
}
