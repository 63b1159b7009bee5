import { Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { GenuineKey, KeyId } from '#libs/key-format';
import type { Clock } from '#libs/clock';
import type { SecretHasher } from './secret-hasher.js';
import type { VerdictSigner } from './verdict-signer.js';
import { VERDICT_TTL_SECONDS, type VerdictStore } from './verdict-store.js';

/** How many verdicts are remembered in this process, those used last. */
const REMEMBERED = 100_000;

/** A verdict in use is kept again after half the time that the store keeps it, so that it never runs out there. */
const KEEP_AGAIN_AFTER_MS = (VERDICT_TTL_SECONDS * 1000) / 2;

interface Remembered {
  readonly verdict: string;
  /** When the store was given it last. */
  readonly keptAt: number;
}

/**
 * Whether a key's secret is the one that was issued. A bcrypt verdict never changes, so one comparison per key is
 * enough: it is remembered in this process and, for its other lives and the other replicas, in a store, as an HMAC
 * that gives nothing away (see {@link VerdictSigner}). A wrong secret leaves nothing behind. Whether the key is alive
 * is another question, and read from the database every time.
 *
 * A key that was used in the last 12 hours costs no comparison after a restart, as long as the store has lost nothing.
 */
export class SecretVerifier {
  readonly #logger = new Logger(SecretVerifier.name);
  readonly #hasher: SecretHasher;
  readonly #signer: VerdictSigner;
  readonly #store: VerdictStore;
  readonly #clock: Clock;
  readonly #remembered = new LRUCache<KeyId, Remembered>({ max: REMEMBERED });
  readonly #verifying = new Map<string, Promise<boolean>>();

  constructor(parts: { hasher: SecretHasher; signer: VerdictSigner; store: VerdictStore; clock: Clock }) {
    this.#hasher = parts.hasher;
    this.#signer = parts.signer;
    this.#store = parts.store;
    this.#clock = parts.clock;
  }

  /** Compares `key` with the hash that is stored for its id; of an owner; throws QueueFull when too many comparisons wait. */
  async isRight(key: GenuineKey, hash: string, ownerId: string): Promise<boolean> {
    const verdict = this.#signer.sign(key, hash);
    const remembered = this.#remembered.get(key.id);
    // Both are HMACs under a secret of ours: where they differ first tells nobody anything.
    if (remembered?.verdict === verdict) {
      if (this.#mayBeLost(remembered)) this.#keep(key.id, verdict);
      return true;
    }
    return this.#verifying.get(verdict) ?? this.#verifyOnce(key, hash, ownerId, verdict);
  }

  /** Remembers the secret of a key that was just issued, so that its first use costs no comparison anywhere. */
  remember(key: GenuineKey, hash: string): void {
    this.#keep(key.id, this.#signer.sign(key, hash));
  }

  /** Shares the judging between those who wait for the same one; never anything that can change. */
  #verifyOnce(key: GenuineKey, hash: string, ownerId: string, verdict: string): Promise<boolean> {
    const judging = this.#isInStore(key, hash)
      .then((isInStore) => isInStore || this.#compare(key, hash, ownerId))
      .then((isRight) => {
        // Kept again when it was found, too: for its full time, and under the secret that signs now.
        if (isRight) this.#keep(key.id, verdict);
        return isRight;
      })
      .finally(() => this.#verifying.delete(verdict));
    this.#verifying.set(verdict, judging);
    return judging;
  }

  async #isInStore(key: GenuineKey, hash: string): Promise<boolean> {
    const found = await this.#store.find(key.id);
    return found !== undefined && this.#signer.accepts(found, key, hash);
  }

  async #compare({ id, secret }: GenuineKey, hash: string, ownerId: string): Promise<boolean> {
    const isRight = await this.#hasher.compare(ownerId, secret, hash);
    this.#logger.debug({ keyId: id, isRight, msg: 'compared a secret with bcrypt' });
    return isRight;
  }

  #keep(id: KeyId, verdict: string): void {
    this.#remembered.set(id, { verdict, keptAt: this.#clock.now() });
    this.#store.keep(id, verdict);
  }

  #mayBeLost({ keptAt }: Remembered): boolean {
    return keptAt < this.#store.reachedAt || this.#clock.now() - keptAt >= KEEP_AGAIN_AFTER_MS;
  }
}
