import type { GenuineKey, ReadKey } from '#libs/key-format';
import type { Principal, Refusal, Verification } from '#libs/keys-client';
import type { Flight, PrincipalCache } from './principal-cache.js';

/** Who a token stands for, or why it stands for nobody. */
export type Authentication =
  | { readonly outcome: 'authenticated'; readonly principal: Principal }
  | { readonly outcome: 'refused'; readonly reason: Refusal; readonly keyId?: string }
  | { readonly outcome: 'busy'; readonly retryAfterSeconds: number }
  | { readonly outcome: 'unavailable'; readonly cause: unknown };

/** What tells a genuine key from a made-up text: a `KeyFormat`. */
export interface KeyReader {
  read(text: string): ReadKey;
}

/** What the authenticator asks keys through. */
export interface Verifier {
  verify(key: GenuineKey): Promise<Verification>;
}

/** Whether what is cached may be used at this very moment. */
export interface Lease {
  readonly holdsLease: boolean;
}

/** A question in flight, and its answer to come. */
interface Shared {
  readonly flight: Flight;
  readonly answer: Promise<Verification>;
}

/**
 * Token in, principal out, stopping at the first refusal: checksum and tag, cache, keys, expiry. A made-up key costs
 * one HMAC and nothing behind it.
 */
export class Authenticator {
  readonly #format: KeyReader;
  readonly #cache: PrincipalCache;
  readonly #verifier: Verifier;
  readonly #lease: Lease;
  /** Milliseconds since 1970. Expiry is by the calendar; nothing else here is. */
  readonly #wallClock: () => number;
  readonly #shared = new Map<string, Shared>();

  constructor(parts: {
    format: KeyReader;
    cache: PrincipalCache;
    verifier: Verifier;
    lease: Lease;
    wallClock?: () => number;
  }) {
    this.#format = parts.format;
    this.#cache = parts.cache;
    this.#verifier = parts.verifier;
    this.#lease = parts.lease;
    this.#wallClock = parts.wallClock ?? Date.now;
  }

  async authenticate(token: string): Promise<Authentication> {
    const key = this.#format.read(token);
    if (key.outcome !== 'genuine') return { outcome: 'refused', reason: key.outcome };
    const answer = (this.#lease.holdsLease ? this.#cache.get(key) : undefined) ?? (await this.#ask(key));
    switch (answer.outcome) {
      case 'valid':
        return this.#stillValid(answer.principal);
      case 'refused':
        return { ...answer, keyId: key.id };
      case 'busy':
      case 'unavailable':
        return answer;
    }
  }

  /** Joins the question that is in flight for the same text, if its answer may be shared, else asks. */
  async #ask(key: GenuineKey): Promise<Verification> {
    const shared = this.#shared.get(key.digest);
    if (shared !== undefined) {
      const answer = await shared.answer;
      // The question was sent before this request came: its answer is as old as a cached one, and held to the same rules.
      const isOld = shared.flight.fenced || !this.#lease.holdsLease;
      const mayHaveChanged = answer.outcome === 'refused' && answer.reason === 'unknown';
      if (!isOld && !mayHaveChanged) return answer;
    }
    return this.#send(key);
  }

  async #send(key: GenuineKey): Promise<Verification> {
    const flight = this.#cache.takeOff(key);
    const shared = { flight, answer: this.#verifier.verify(key) };
    this.#shared.set(key.digest, shared);
    try {
      const answer = await shared.answer;
      this.#cache.land(flight, answer.outcome === 'unavailable' ? undefined : answer);
      return answer;
    } finally {
      this.#cache.land(flight, undefined);
      if (this.#shared.get(key.digest) === shared) this.#shared.delete(key.digest);
    }
  }

  /** A key may expire while it is cached. */
  #stillValid(principal: Principal): Authentication {
    const { expiresAtMs, keyId } = principal;
    if (expiresAtMs !== null && expiresAtMs <= this.#wallClock())
      return { outcome: 'refused', reason: 'expired', keyId };
    return { outcome: 'authenticated', principal };
  }
}
