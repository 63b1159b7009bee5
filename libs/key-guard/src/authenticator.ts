import type { GenuineKey, ReadKey } from '#libs/key-format';
import type { Principal, Refusal, Verification } from '#libs/keys-client';
import type { PrincipalCache } from './principal-cache.js';

/** Who a token stands for, or why it stands for nobody. */
export type Authentication =
  | { readonly outcome: 'authenticated'; readonly principal: Principal }
  | { readonly outcome: 'refused'; readonly reason: Refusal; readonly keyId?: string }
  | { readonly outcome: 'busy'; readonly retryAfterSeconds: number }
  | { readonly outcome: 'unavailable'; readonly cause: unknown };

/** What tells a genuine key from a made-up text: a `KeyFormat`. */
export interface KeyReader {
  read(text: string): ReadKey;
  /** Where the id would stand in `text`, if that were a key. */
  idIn(text: string): string;
}

/** What the authenticator asks keys through. */
export interface Verifier {
  /** `log`: the identity of the log that is followed as the question is sent. */
  verify(key: GenuineKey, log: string | null): Promise<Verification>;
}

export interface Lease {
  /** Whether what is cached may be used at this very moment. */
  readonly holdsLease: boolean;
  /** The identity of the log that is followed, or null when there is none. */
  readonly identity: string | null;
}

/** What is told of each key that is let in: a `UsedKeys`. */
export interface UseNotes {
  note(keyId: string): void;
}

/** A question in flight, whose answer comes once it is kept, if it may be; and the next one, for those who came since. */
interface Asked {
  readonly answer: Promise<Verification>;
  next: Promise<Verification> | undefined;
}

/**
 * Token in, principal out, stopping at the first refusal: cache, checksum and tag, keys, expiry. The cache comes first
 * since exactly the texts that it knows were found genuine before; a made-up key costs one HMAC and nothing behind it.
 */
export class Authenticator {
  readonly #format: KeyReader;
  readonly #cache: PrincipalCache;
  readonly #verifier: Verifier;
  readonly #lease: Lease;
  readonly #used: UseNotes | undefined;
  /** Milliseconds since 1970. Expiry is by the calendar; nothing else here is. */
  readonly #wallClock: () => number;
  /** Plain numbers, for whoever shows them: a request must not pay for a label. */
  readonly counts = { hits: 0, misses: 0, questions: { valid: 0, refused: 0, busy: 0, unavailable: 0 } };
  /** The questions in flight, by digest. */
  readonly #asked = new Map<string, Asked>();

  constructor(parts: {
    format: KeyReader;
    cache: PrincipalCache;
    verifier: Verifier;
    lease: Lease;
    used?: UseNotes;
    wallClock?: () => number;
  }) {
    this.#format = parts.format;
    this.#cache = parts.cache;
    this.#verifier = parts.verifier;
    this.#lease = parts.lease;
    this.#used = parts.used;
    this.#wallClock = parts.wallClock ?? Date.now;
  }

  /** Answers at once where nobody need be asked: a promise for each request would cost more than the digest. */
  authenticate(token: string): Authentication | Promise<Authentication> {
    const id = this.#format.idIn(token);
    const kept = this.#kept({ id, text: token });
    if (kept !== undefined) {
      this.counts.hits++;
      return this.#conclude(id, kept);
    }
    const key = this.#format.read(token);
    if (key.outcome !== 'genuine') return { outcome: 'refused', reason: key.outcome };
    this.counts.misses++;
    return this.#ask(key).then((answer) => this.#conclude(key.id, answer));
  }

  #conclude(keyId: string, answer: Verification): Authentication {
    switch (answer.outcome) {
      case 'valid':
        return this.#stillValid(answer.principal);
      case 'refused':
        return { outcome: 'refused', reason: answer.reason, keyId };
      case 'busy':
      case 'unavailable':
        return answer;
    }
  }

  /** What is cached, if that counts at this very moment. */
  #kept(key: { readonly id: string; readonly text: string }): Verification | undefined {
    return this.#lease.holdsLease ? this.#cache.get(key) : undefined;
  }

  /**
   * Asks keys. One question about a text is in flight at a time, however many wait: whoever comes while one is may use
   * what it leaves in the cache; if that is nothing, they share the answer to the next one, which is sent when all of
   * them are there.
   */
  #ask(key: GenuineKey): Promise<Verification> {
    const asked = this.#asked.get(key.digest);
    if (asked === undefined) return this.#askNow(key);
    return (asked.next ??= this.#askAfter(asked, key));
  }

  #askNow(key: GenuineKey): Promise<Verification> {
    const asked: Asked = { answer: this.#send(key), next: undefined };
    this.#asked.set(key.digest, asked);
    return asked.answer.finally(() => {
      if (asked.next === undefined) this.#forget(key, asked);
    });
  }

  /** For those who came while a question was in flight. It was sent before them, so its answer need not hold for them. */
  async #askAfter(asked: Asked, key: GenuineKey): Promise<Verification> {
    const answer = await asked.answer;
    // As old as a cached one, and held to the same rules: that it was kept, and counts now.
    const kept = answer.outcome === 'busy' || answer.outcome === 'unavailable' ? answer : this.#kept(key);
    if (kept === undefined) return this.#askNow(key);
    this.#forget(key, asked);
    return kept;
  }

  #forget({ digest }: GenuineKey, asked: Asked): void {
    if (this.#asked.get(digest) === asked) this.#asked.delete(digest);
  }

  async #send(key: GenuineKey): Promise<Verification> {
    const flight = this.#cache.takeOff(key);
    let answer: Verification | undefined;
    try {
      answer = await this.#verifier.verify(key, this.#lease.identity);
      this.counts.questions[answer.outcome]++;
      return answer;
    } finally {
      this.#cache.land(flight, answer?.outcome === 'unavailable' ? undefined : answer);
    }
  }

  /** A key may expire while it is cached. */
  #stillValid(principal: Principal): Authentication {
    const { expiresAtMs, keyId } = principal;
    if (expiresAtMs !== null && expiresAtMs <= this.#wallClock())
      return { outcome: 'refused', reason: 'expired', keyId };
    this.#used?.note(keyId);
    return { outcome: 'authenticated', principal };
  }
}
