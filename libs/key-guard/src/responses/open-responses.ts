import type { ServerResponse } from 'node:http';
import { Logger } from '@nestjs/common';
import type { Principal } from '#libs/keys-contract';
import { type Clock, repeat } from '#libs/clock';
import type { Invalidatable, Invalidation, Timings } from '#libs/revocations';
import type { Authenticated } from '../authentication/authentication.js';
import type { Authenticator, Lease } from '../authentication/authenticator.js';
import { SlotArray, type Slotted } from '../slot-array.js';

/** How often open responses are looked through, in milliseconds. */
const EVERY_MS = 1000;

/** A response that is not over yet. */
interface Open extends Slotted {
  readonly res: ServerResponse;
  readonly token: string;
  /** What was found when the key was last looked at. */
  found: Authenticated;
  /** A moment on this process' clock since which the key was found alive. */
  checkedAt: number;
}

/**
 * The responses that are being sent: a stream may outlive its key. When a key is dropped from the cache, the responses
 * to it are checked again, and cut off if it is dead. One that lasts longer than a cached answer is checked as often as
 * that would be, so that a revocation which nobody could tell of ends it, too. While there is no lease, nobody can tell
 * of any: then it is checked as often as a lease would have to be renewed. And it is checked within a second when the
 * key may have expired. Only keys says that it has.
 */
export class OpenResponses implements Invalidatable {
  readonly #logger = new Logger(OpenResponses.name);
  readonly #open = new SlotArray<Open>();
  readonly #authenticator: Authenticator;
  readonly #clock: Clock;
  readonly #lease: Pick<Lease, 'holdsLease'>;
  readonly #timings: Pick<Timings, 'cacheTtlMs' | 'leaseMs'>;
  readonly #stopping = new AbortController();
  /** When it was last looked through what is open. What has come since was found alive since. */
  #lookedAt: number;
  #watching: Promise<void> = Promise.resolve();
  #revocationEpoch = 0;
  #cutOff = 0;

  constructor(parts: {
    authenticator: Authenticator;
    clock: Clock;
    lease: Pick<Lease, 'holdsLease'>;
    timings: Pick<Timings, 'cacheTtlMs' | 'leaseMs'>;
  }) {
    this.#authenticator = parts.authenticator;
    this.#clock = parts.clock;
    this.#lease = parts.lease;
    this.#timings = parts.timings;
    this.#lookedAt = parts.clock.now();
  }

  /** How many responses are being sent at this moment. */
  get size(): number {
    return this.#open.size;
  }

  /** How many were cut off so far, their keys being dead. */
  get cutOff(): number {
    return this.#cutOff;
  }

  /** How many times something was dropped: to be read before a key is authenticated, for {@link add}. */
  get revocationEpoch(): number {
    return this.#revocationEpoch;
  }

  /** Watches over a response until it is over. `epoch`: the {@link revocationEpoch} as it was before its key was found alive. */
  add(res: ServerResponse, token: string, found: Authenticated, epoch: number, whenOver: () => void): void {
    const open = { res, token, found, checkedAt: this.#lookedAt, slot: -1 };
    this.#open.add(open);
    // Not `once`, which wraps the function and takes it out again: the event comes once.
    res.on('close', () => {
      this.#open.delete(open);
      whenOver();
    });
    if (epoch !== this.#revocationEpoch) this.#check(open);
  }

  invalidate(target: Invalidation): void {
    this.#revocationEpoch++;
    for (const open of this.#open) if (invalidates(target, open.found.principal)) this.#check(open);
  }

  /** Looks through what is open, until {@link stop}. */
  start(): void {
    this.#watching = repeat(() => this.#checkDue(), {
      clock: this.#clock,
      everyMs: EVERY_MS,
      immediate: false,
      signal: this.#stopping.signal,
      onOutage: (err) => this.#logger.error({ err, msg: 'open responses cannot be looked through' }),
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#watching;
  }

  #checkDue(): void {
    this.#lookedAt = this.#clock.now();
    const everyMs = this.#lease.holdsLease ? this.#timings.cacheTtlMs : this.#timings.leaseMs;
    for (const open of this.#open) if (this.#isDue(open, everyMs)) this.#check(open);
  }

  #isDue({ checkedAt, found: { askAgainAt } }: Open, everyMs: number): boolean {
    return this.#lookedAt >= askAgainAt || this.#lookedAt - checkedAt >= everyMs;
  }

  /** Keys that cannot be asked have not said that the key is dead: then the next look asks again. */
  #check(open: Open): void {
    this.#ask(open).catch((err: unknown) =>
      this.#logger.error({ err, msg: 'the key of an open response cannot be checked: tried again' }),
    );
  }

  async #ask(open: Open): Promise<void> {
    const checkedAt = this.#clock.now();
    const found = await this.#authenticator.authenticate(open.token);
    if (found.outcome === 'authenticated') {
      open.found = found;
      open.checkedAt = checkedAt;
    }
    if (found.outcome !== 'refused' || open.res.destroyed) return;
    this.#cutOff++;
    open.res.destroy();
  }
}

function invalidates(target: Invalidation, { keyId, owner }: Principal): boolean {
  switch (target.kind) {
    case 'key':
      return target.id === keyId;
    case 'owner':
      return target.id === owner.id;
    case 'everything':
      return true;
  }
}
