import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { type GenuineKey, isSameText } from '#libs/key-format';
import type { VerifyAnswer } from '#libs/keys-client';
import type { Clock, Droppable, Target } from '#libs/revocations';
import { Bag, type Baggable } from './bag.js';

/** An answer that may be kept: a principal, or that a genuine key is dead. */
type Keepable = Extract<VerifyAnswer, { outcome: 'valid' | 'refused' }>;

interface Entry {
  /** SHA-256 of the whole text. The text has 190 random bits, so nobody finds it from that. */
  readonly digest: string;
  readonly answer: Keepable;
  /** Until when the entry counts, on this process' clock. */
  readonly until: number;
}

/** A question that is being asked. Once fenced, its answer may be used by the one who asked, and kept by nobody. */
export interface Flight extends Baggable {
  readonly key: GenuineKey;
  readonly sentAt: number;
  fenced: boolean;
}

/**
 * What keys has answered, for a short while, by key id. It holds digests, never a key's text.
 *
 * An entry counts only before its time is up and while the lease is held: without a lease nobody would tell this
 * process of a revocation. A naive "get, load, set" would keep an answer that was overtaken by a revocation while it
 * was on its way; here a drop fences the questions in flight as well.
 */
export class PrincipalCache implements Droppable {
  readonly #entries: LRUCache<string, Entry>;
  readonly #flights = new Bag<Flight>();
  readonly #clock: Clock;
  readonly #cacheTtlMs: number;

  constructor({ clock, cacheTtlMs, size }: { clock: Clock; cacheTtlMs: number; size: number }) {
    this.#entries = new LRUCache({ max: size });
    this.#clock = clock;
    this.#cacheTtlMs = cacheTtlMs;
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
    return this.#clock.now() < entry.until ? entry.answer : undefined;
  }

  /** Notes that a question is about to be sent. It must be ended by {@link land}. */
  takeOff(key: GenuineKey): Flight {
    const flight = { key, sentAt: this.#clock.now(), fenced: false, place: -1 };
    this.#flights.add(flight);
    return flight;
  }

  /**
   * Ends a flight. Keeps its answer, counted from when the question was sent, unless it was fenced on the way or keys
   * says that it is not to be kept.
   */
  land(flight: Flight, answer: VerifyAnswer | undefined): void {
    this.#flights.delete(flight);
    if (flight.fenced || answer === undefined || !isKeepable(answer)) return;
    const { key, sentAt } = flight;
    this.#entries.set(key.id, { digest: digestOf(key.text), answer, until: sentAt + this.#cacheTtlMs });
  }

  drop(target: Target): void {
    switch (target.kind) {
      case 'key':
        this.#entries.delete(target.id);
        this.#fence(({ key }) => key.id === target.id);
        return;
      case 'owner':
        // A refusal does not say whose key it was, and whose a question in flight is about is not known yet.
        for (const [id, { answer }] of this.#entries.entries()) {
          if (answer.outcome === 'refused' || answer.principal.owner.id === target.id)
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

  #fence(concerns: (flight: Flight) => boolean): void {
    for (const flight of this.#flights) if (concerns(flight)) flight.fenced = true;
  }
}

/** One call, a tenth of what an HMAC takes: this is paid for every request. */
function digestOf(text: string): string {
  return hash('sha256', text, 'base64');
}

function isKeepable(answer: VerifyAnswer): answer is Keepable {
  switch (answer.outcome) {
    case 'valid':
    case 'refused':
      return answer.cacheable;
    case 'busy':
      return false;
  }
}
