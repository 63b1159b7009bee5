import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { type GenuineKey, isSameText } from '#libs/key-format';
import type { Verification } from '#libs/keys-client';
import type { Clock } from '#libs/clock';
import type { Invalidatable, Invalidation } from '#libs/revocations';
import {
  type Authenticated,
  type Authentication,
  type RefusedToken,
  authenticationOf,
} from './authentication.js';
import { SlotArray, type Slotted } from '../slot-array.js';

/** What may be cached: a principal, or that a genuine key is inactive. */
type Keepable = Authenticated | RefusedToken;

interface Entry {
  /** SHA-256 of the whole text, which cannot be guessed from it, since it has 190 random bits. */
  readonly digest: string;
  /** The result, created once so that a hit creates no object. */
  readonly authentication: Keepable;
  /** Until when the entry counts, on this process's clock. */
  readonly until: number;
}

/** A question in flight. Once fenced, its answer may be used by the request that asked, but not cached. */
export interface InFlight extends Slotted {
  readonly key: GenuineKey;
  readonly sentAt: number;
  fenced: boolean;
}

/**
 * Answers of keys, cached for a short time by key ID. It contains digests, never a key's text.
 *
 * An entry counts only within its lifetime and while the lease is held: without a lease, this process would not learn of a
 * revocation. Its lifetime ends before the key can have expired: then keys is asked again, and only keys decides that a key
 * has expired. A naive "get, load, set" would cache an answer that a revocation has overtaken while it was on its way;
 * here an invalidation also fences the questions in flight.
 */
export class PrincipalCache implements Invalidatable {
  readonly #entries: LRUCache<string, Entry>;
  readonly #flights = new SlotArray<InFlight>();
  readonly #clock: Clock;
  readonly #cacheTtlMs: number;
  readonly #margin: number;

  /** `cacheTtlMs` and `margin` as in `Timings` of libs/revocations. */
  constructor({
    clock,
    cacheTtlMs,
    margin,
    size,
  }: {
    clock: Clock;
    cacheTtlMs: number;
    margin: number;
    size: number;
  }) {
    this.#entries = new LRUCache({ max: size });
    this.#clock = clock;
    this.#cacheTtlMs = cacheTtlMs;
    this.#margin = margin;
  }

  /** How many answers are cached, whether or not they still count. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * The cached answer for exactly this text, if it counts now. Only answers about genuine keys are cached, so a text that
   * is found here need not be parsed first.
   */
  get({ id, text }: { readonly id: string; readonly text: string }): Keepable | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined || !isSameText(entry.digest, digestOf(text))) return undefined;
    return this.#clock.now() < entry.until ? entry.authentication : undefined;
  }

  /** Call it before a question is sent. It must be ended by {@link settle} or {@link abandon}. */
  begin(key: GenuineKey): InFlight {
    const flight = { key, sentAt: this.#clock.now(), fenced: false, slot: -1 };
    this.#flights.add(flight);
    return flight;
  }

  /**
   * Ends a flight and returns its result. Caches that, counted from when the question was sent, unless it was fenced
   * meanwhile, keys says that it is not cacheable, or the key has no time left.
   */
  settle(flight: InFlight, answer: Verification): Authentication {
    this.#flights.delete(flight);
    const { key, sentAt, fenced } = flight;
    const authentication = authenticationOf({ keyId: key.id, sentAt, margin: this.#margin }, answer);
    if (!fenced && isToBeKept(answer) && isKeepable(authentication)) this.#keep(flight, authentication);
    return authentication;
  }

  /** Ends a flight without an answer. */
  abandon(flight: InFlight): void {
    this.#flights.delete(flight);
  }

  invalidate(target: Invalidation): void {
    switch (target.kind) {
      case 'key':
        this.#entries.delete(target.id);
        this.#fence(({ key }) => key.id === target.id);
        return;
      case 'owner':
        // A refusal does not name the owner, and the owner of a key in flight is not known yet.
        for (const [id, { authentication }] of this.#entries.entries()) {
          if (authentication.outcome === 'refused' || authentication.principal.owner.id === target.id)
            this.#entries.delete(id);
        }
        this.#fence(() => true);
        return;
      case 'everything':
        this.#entries.clear();
        this.#fence(() => true);
        return;
      default:
        target satisfies never;
    }
  }

  #keep({ key, sentAt }: InFlight, authentication: Keepable): void {
    const askAgainAt = authentication.outcome === 'authenticated' ? authentication.askAgainAt : Infinity;
    const until = Math.min(sentAt + this.#cacheTtlMs, askAgainAt);
    if (until <= sentAt) return;
    this.#entries.set(key.id, { digest: digestOf(key.text), authentication, until });
  }

  #fence(invalidates: (flight: InFlight) => boolean): void {
    for (const flight of this.#flights) if (invalidates(flight)) flight.fenced = true;
  }
}

/** One call, a tenth of what an HMAC takes: every request pays for it. A character a byte makes the shortest text. */
function digestOf(text: string): string {
  return hash('sha256', text, 'binary');
}

function isKeepable(authentication: Authentication): authentication is Keepable {
  return authentication.outcome === 'authenticated' || authentication.outcome === 'refused';
}

/** Whether keys allows caching it. */
function isToBeKept(answer: Verification): boolean {
  switch (answer.outcome) {
    case 'valid':
    case 'refused':
      return answer.cacheable;
    case 'busy':
    case 'unavailable':
      return false;
  }
}
