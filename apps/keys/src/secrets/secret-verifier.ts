import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { GenuineKey } from '#libs/key-format';
import { SecretHasher } from './secret-hasher.js';

/** How many verdicts are remembered, those used last. */
const REMEMBERED = 100_000;

/**
 * Whether a key's secret is the one that was issued. A bcrypt verdict never changes, so one comparison per key is
 * enough: it is remembered by the digest of the text that was compared, which does not give the text away. Whether the
 * key is alive is another question, and read from the database every time.
 */
@Injectable()
export class SecretVerifier {
  readonly #hasher: SecretHasher;
  readonly #accepted = new LRUCache<string, string>({ max: REMEMBERED });
  readonly #comparing = new Map<string, Promise<boolean>>();

  constructor(hasher: SecretHasher) {
    this.#hasher = hasher;
  }

  /** Compares `key` with the hash that is stored for its id; throws TooBusy when too many comparisons wait. */
  async isRight(key: GenuineKey, hash: string): Promise<boolean> {
    if (this.#accepted.get(key.id) === key.digest) return true;
    const comparing = this.#comparing.get(key.digest) ?? this.#compare(key, hash);
    const isRight = await comparing;
    if (isRight) this.#accepted.set(key.id, key.digest);
    return isRight;
  }

  /** Remembers the secret of a key that was just issued here, so that its first use costs no comparison. */
  remember(key: GenuineKey): void {
    this.#accepted.set(key.id, key.digest);
  }

  /** Shares the comparison between those who wait for the same one; never anything that can change. */
  #compare({ digest, secret }: GenuineKey, hash: string): Promise<boolean> {
    const comparing = this.#hasher.compare(secret, hash).finally(() => this.#comparing.delete(digest));
    this.#comparing.set(digest, comparing);
    return comparing;
  }
}
