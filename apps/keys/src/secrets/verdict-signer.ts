import { createHmac, timingSafeEqual } from 'node:crypto';
import type { GenuineKey } from '#libs/key-format';

/** What a verdict is about: the key's public id and its secret. */
export type Judged = Pick<GenuineKey, 'id' | 'secret'>;

/**
 * Makes verdicts, and knows them again. A verdict says that bcrypt has found this secret right for this id and this
 * stored hash: HMAC-SHA-256 (RFC 2104) over the three, base64url. Whoever can write where verdicts are kept, but has
 * not the verdict secret, can make none; whoever can read them learns nothing of a secret of 190 random bits.
 *
 * The hash is in it, so that a verdict never outlives the hash that it was reached with: after a restored backup or a
 * row changed by hand, bcrypt runs again. Whether the key is alive is not in it, and never asked of it.
 */
export class VerdictSigner {
  readonly #secrets: readonly [string, ...string[]];

  /** The first secret signs, all verify. */
  constructor(secrets: readonly [string, ...string[]]) {
    this.#secrets = secrets;
  }

  sign(judged: Judged, hash: string): string {
    return macOf(this.#secrets[0], judged, hash);
  }

  /** Whether `verdict` was reached for exactly this id, secret and hash, under any of the secrets. */
  accepts(verdict: string, judged: Judged, hash: string): boolean {
    return this.#secrets.some((secret) => isSame(verdict, macOf(secret, judged, hash)));
  }
}

/** Id and secret have fixed lengths, so no two triples run together to the same text. */
function macOf(verdictSecret: string, { id, secret }: Judged, hash: string): string {
  return createHmac('sha256', verdictSecret).update(`${id}.${secret}.${hash}`).digest('base64url');
}

/** Compares in constant time: how much of a guess was right must not show. */
function isSame(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
