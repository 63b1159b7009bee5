import { type GenuineKey, HmacSha256, isSameText } from '#libs/key-format';

/** What a verdict is about: the key's public id and its secret. */
export type Judged = Pick<GenuineKey, 'id' | 'secret'>;

/**
 * Makes verdicts, and knows them again. A verdict says that bcrypt has found this secret right for this id and this
 * stored hash: HMAC-SHA-256 (RFC 2104) over the three, base64url. Somebody who can write where verdicts are kept, but has
 * not the verdict secret, can forge none; somebody who can read them learns nothing of a secret of 190 random bits.
 *
 * The hash is in it, so that a verdict never outlives the hash that it was reached with: after a restored backup or a
 * row changed by hand, bcrypt runs again. Whether the key is alive is not in it, and never asked of it.
 */
export class VerdictSigner {
  readonly #signing: HmacSha256;
  readonly #verifying: readonly HmacSha256[];

  /** The first secret signs, all verify. */
  constructor([signing, ...older]: readonly [string, ...string[]]) {
    this.#signing = new HmacSha256(signing);
    this.#verifying = [this.#signing, ...older.map((secret) => new HmacSha256(secret))];
  }

  sign(judged: Judged, hash: string): string {
    return macOf(this.#signing, judged, hash);
  }

  /** Whether `verdict` was reached for exactly this id, secret and hash, under any of the secrets. */
  accepts(verdict: string, judged: Judged, hash: string): boolean {
    return this.#verifying.some((hmac) => isSameText(verdict, macOf(hmac, judged, hash)));
  }
}

/** Id and secret have fixed lengths, so no two triples run together to the same text. */
function macOf(hmac: HmacSha256, { id, secret }: Judged, hash: string): string {
  return Buffer.from(hmac.digest(`${id}.${secret}.${hash}`), 'binary').toString('base64url');
}
