import { Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { GenuineKey, KeyId } from '#libs/key-format';
import type { Clock } from '#libs/clock';
import type { SecretHasher } from './secret-hasher.js';
import type { VerdictSigner } from './verdict-signer.js';
import { VERDICT_TTL_SECONDS, type VerdictStore } from './verdict-store.js';

/** How many verdicts this process remembers: the most recently used. */
const MAX_REMEMBERED = 100_000;

/** A verdict in use is stored again after half its lifetime, so that it never expires. */
const STORE_AGAIN_AFTER_MS = (VERDICT_TTL_SECONDS * 1000) / 2;

interface Remembered {
  readonly verdict: string;
  /** When it was last stored. */
  readonly storedAt: number;
}

/** Whether a secret is the one that was issued. `queue_full`: unknown, since too many comparisons are waiting. */
export type SecretVerification = 'right' | 'wrong' | 'queue_full';

/**
 * Whether a key's secret is the one that was issued. A bcrypt verdict never changes, so one comparison per key is
 * enough: it is remembered in this process and, for the other replicas and after a restart, in a store, as an HMAC that
 * reveals nothing (see {@link VerdictSigner}). A wrong secret leaves nothing behind. Whether the key is active is
 * another question, and read from the database every time.
 *
 * A key that was used in the last 12 hours needs no comparison after a restart, unless the store has lost its verdict.
 */
export class SecretVerifier {
  readonly #logger = new Logger(SecretVerifier.name);
  readonly #hasher: SecretHasher;
  readonly #signer: VerdictSigner;
  readonly #store: VerdictStore;
  readonly #clock: Clock;
  readonly #remembered = new LRUCache<KeyId, Remembered>({ max: MAX_REMEMBERED });
  readonly #verifying = new Map<string, Promise<SecretVerification>>();

  constructor(parts: { hasher: SecretHasher; signer: VerdictSigner; store: VerdictStore; clock: Clock }) {
    this.#hasher = parts.hasher;
    this.#signer = parts.signer;
    this.#store = parts.store;
    this.#clock = parts.clock;
  }

  /** Compares the secret of `key` with the hash that is stored for its id. */
  async verify(key: GenuineKey, hash: string, ownerId: string): Promise<SecretVerification> {
    const verdict = this.#signer.sign(key, hash);
    const remembered = this.#remembered.get(key.id);
    // Not in constant time: both are HMACs under a secret of ours, so where they first differ reveals nothing.
    if (remembered?.verdict === verdict) {
      if (this.#mayBeLost(remembered)) this.#keep(key.id, verdict);
      return 'right';
    }
    return this.#verifying.get(verdict) ?? this.#verifyOnce(key, hash, ownerId, verdict);
  }

  /** Remembers the secret of a key that was just issued, so that its first use needs no comparison on any replica. */
  remember(key: GenuineKey, hash: string): void {
    this.#keep(key.id, this.#signer.sign(key, hash));
  }

  /** Shares one verification among all who wait for the same one: its result cannot change meanwhile. */
  #verifyOnce(key: GenuineKey, hash: string, ownerId: string, verdict: string): Promise<SecretVerification> {
    const verifying = this.#verifyNow(key, hash, ownerId)
      .then((verification) => {
        // Stored again even if it was found: for its full lifetime, and under the current secret.
        if (verification === 'right') this.#keep(key.id, verdict);
        return verification;
      })
      .finally(() => this.#verifying.delete(verdict));
    this.#verifying.set(verdict, verifying);
    return verifying;
  }

  async #verifyNow(key: GenuineKey, hash: string, ownerId: string): Promise<SecretVerification> {
    if (await this.#isInStore(key, hash)) return 'right';
    const compared = await this.#hasher.compare(ownerId, key.secret, hash);
    if (compared.outcome === 'queue_full') return 'queue_full';
    const isRight = compared.result;
    this.#logger.debug({ keyId: key.id, isRight, msg: 'compared a secret with bcrypt' });
    return isRight ? 'right' : 'wrong';
  }

  async #isInStore(key: GenuineKey, hash: string): Promise<boolean> {
    const found = await this.#store.find(key.id);
    return found !== undefined && this.#signer.accepts(found, key, hash);
  }

  #keep(id: KeyId, verdict: string): void {
    this.#remembered.set(id, { verdict, storedAt: this.#clock.now() });
    this.#store.keep(id, verdict);
  }

  #mayBeLost({ storedAt }: Remembered): boolean {
    return storedAt < this.#store.reachedAt || this.#clock.now() - storedAt >= STORE_AGAIN_AFTER_MS;
  }
}
