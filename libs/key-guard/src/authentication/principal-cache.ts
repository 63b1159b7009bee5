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

/** What may be kept: a principal, or that a genuine key is dead. */
type Keepable = Authenticated | RefusedToken;

interface Entry {
  /** SHA-256 of the whole text. The text has 190 random bits, so nobody finds it from that. */
  readonly digest: string;
  /** As it is answered, made once: a hit makes no object. */
  readonly authentication: Keepable;
  /** Until when the entry counts, on this process' clock. */
  readonly until: number;
}

/** A question that is being asked. Once fenced, its answer may be used by the one who asked, and kept by nobody. */
export interface InFlight extends Slotted {
  readonly key: GenuineKey;
  readonly sentAt: number;
  fenced: boolean;
}

/**
 * What keys has answered, for a short while, by key id. It holds digests, never a key's text.
 *
 * An entry counts only before its time is up and while the lease is held: without a lease nobody would tell this
 * process of a revocation. Its time is up when the key's may be: then keys is asked again, and alone says that a key has
 * expired. A naive "get, load, set" would keep an answer that was overtaken by a revocation while it
 * was on its way; here a drop fences the questions in flight as well.
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

  /** How many answers are held, whether or not they still count. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * The answer that is kept for exactly this text, if it counts now. Only answers about genuine keys are ever kept, so a
   * text that is found here need not be read first.
   */
  get({ id, text }: { readonly id: string; readonly text: string }): Keepable | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined || !isSameText(entry.digest, digestOf(text))) return undefined;
    return this.#clock.now() < entry.until ? entry.authentication : undefined;
  }

  /** Notes that a question is about to be sent. It must be ended by {@link settle} or {@link abandon}. */
  begin(key: GenuineKey): InFlight {
    const flight = { key, sentAt: this.#clock.now(), fenced: false, slot: -1 };
    this.#flights.add(flight);
    return flight;
  }

  /**
   * Ends a flight, and says what its answer comes to. Keeps that, counted from when the question was sent, unless it was
   * fenced on the way, keys says that it is not to be kept, or the key has no time left that is known of.
   */
  settle(flight: InFlight, answer: Verification): Authentication {
    this.#flights.delete(flight);
    const { key, sentAt, fenced } = flight;
    const authentication = authenticationOf({ keyId: key.id, sentAt, margin: this.#margin }, answer);
    if (!fenced && isToBeKept(answer) && isKeepable(authentication)) this.#keep(flight, authentication);
    return authentication;
  }

  /** Ends a flight that has come to nothing. */
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
        // A refusal does not say whose key it was, and whose a question in flight is about is not known yet.
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

/** Whether keys lets it be kept. */
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
