import type { GenuineKey, ReadKey } from '#libs/key-format';
import type { Verification } from '#libs/keys-client';
import type { Authenticated, Authentication } from './authentication.js';
import type { NowOrLater } from '../now-or-later.js';
import type { PrincipalCache } from './principal-cache.js';

/** Distinguishes genuine keys from forged ones: a `KeyFormat`. */
export interface KeyReader {
  read(text: string): ReadKey;
  /** The part of `text` that would be the ID if it were a key. */
  extractId(text: string): string;
}

/** Verifies keys at the keys service: a `VerifyClient`. */
export interface Verifier {
  /** `log`: the identity of the followed log when the question is sent. */
  verify(key: GenuineKey, log: string | null): Promise<Verification>;
}

export interface Lease {
  /** Whether cached answers may be used at this moment. */
  readonly holdsLease: boolean;
  /** The identity of the followed log, or null. */
  readonly identity: string | null;
}

/** Records each accepted key: a `UsedKeys`. */
export interface UseNotes {
  note(keyId: string): void;
}

/** A question in flight, which resolves once its answer is cached, if it may be; and the next one, for later requests. */
interface Asked {
  readonly answer: Promise<Authentication>;
  next: Promise<Authentication> | undefined;
}

/**
 * Token in, principal out, stopping at the first refusal: cache, checksum and tag, RPC to keys. The cache comes first: the
 * texts in it were found genuine before. A forged key costs one HMAC and no RPC. Only keys decides whether a key has
 * expired: nothing here knows the time of day.
 */
export class Authenticator {
  readonly #format: KeyReader;
  readonly #cache: PrincipalCache;
  readonly #verifier: Verifier;
  readonly #lease: Lease;
  readonly #used: UseNotes | undefined;
  /** Plain numbers for metrics: a request must not pay for looking up a label. */
  readonly counts = { hits: 0, misses: 0, questions: { valid: 0, refused: 0, busy: 0, unavailable: 0 } };
  /** The questions in flight, by digest. */
  readonly #asked = new Map<string, Asked>();

  constructor(parts: {
    format: KeyReader;
    cache: PrincipalCache;
    verifier: Verifier;
    lease: Lease;
    used?: UseNotes;
  }) {
    this.#format = parts.format;
    this.#cache = parts.cache;
    this.#verifier = parts.verifier;
    this.#lease = parts.lease;
    this.#used = parts.used;
  }

  /** Decides synchronously if no RPC is needed: a promise for each request would cost more than the digest. */
  authenticate(token: string): NowOrLater<Authentication> {
    const id = this.#format.extractId(token);
    const kept = this.#kept({ id, text: token });
    if (kept !== undefined) {
      this.counts.hits++;
      return this.#conclude(kept);
    }
    const key = this.#format.read(token);
    if (key.outcome !== 'genuine') return { outcome: 'refused', reason: key.outcome };
    this.counts.misses++;
    return this.#ask(key).then((authentication) => this.#conclude(authentication));
  }

  /** The token's principal, if it is cached and counts at this moment. It makes no RPC, and counts and records nothing. */
  cached(token: string): Authenticated | undefined {
    const kept = this.#kept({ id: this.#format.extractId(token), text: token });
    return kept?.outcome === 'authenticated' ? kept : undefined;
  }

  #conclude(authentication: Authentication): Authentication {
    if (authentication.outcome === 'authenticated') this.#used?.note(authentication.principal.keyId);
    return authentication;
  }

  /** The cached answer, if it counts at this moment. */
  #kept(key: { readonly id: string; readonly text: string }): Authentication | undefined {
    return this.#lease.holdsLease ? this.#cache.get(key) : undefined;
  }

  /**
   * Asks keys. At most one RPC about a text is in flight, however many requests wait. Requests that come meanwhile may use
   * what it leaves in the cache; if that is nothing, they share the answer to the next one, which is sent after all of them
   * have come.
   */
  #ask(key: GenuineKey): Promise<Authentication> {
    const asked = this.#asked.get(key.digest);
    if (asked === undefined) return this.#askNow(key);
    return (asked.next ??= this.#askAfter(asked, key));
  }

  #askNow(key: GenuineKey): Promise<Authentication> {
    const asked: Asked = { answer: this.#send(key), next: undefined };
    this.#asked.set(key.digest, asked);
    return asked.answer.finally(() => {
      if (asked.next === undefined) this.#forget(key, asked);
    });
  }

  /** For requests that came while an RPC was in flight. It was sent before them, so its answer may be outdated for them. */
  async #askAfter(asked: Asked, key: GenuineKey): Promise<Authentication> {
    const answer = await asked.answer;
    // The same rules as for older cached answers apply: it was cached, and counts now.
    const kept = answer.outcome === 'busy' || answer.outcome === 'unavailable' ? answer : this.#kept(key);
    if (kept === undefined) return this.#askNow(key);
    this.#forget(key, asked);
    return kept;
  }

  #forget({ digest }: GenuineKey, asked: Asked): void {
    if (this.#asked.get(digest) === asked) this.#asked.delete(digest);
  }

  async #send(key: GenuineKey): Promise<Authentication> {
    const flight = this.#cache.begin(key);
    let answer: Verification;
    try {
      answer = await this.#verifier.verify(key, this.#lease.identity);
    } catch (err) {
      this.#cache.abandon(flight);
      throw err;
    }
    this.counts.questions[answer.outcome]++;
    return this.#cache.settle(flight, answer);
  }
}
