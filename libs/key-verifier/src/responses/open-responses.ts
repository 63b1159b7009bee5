import type { ServerResponse } from 'node:http';
import type { Principal } from '#libs/keys-contract';
import { type Clock, repeat } from '#libs/clock';
import type { Invalidatable, Invalidation, Timings } from '#libs/revocations';
import type { Authenticated } from '../authentication/authentication.js';
import type { Authenticator, Lease } from '../authentication/authenticator.js';
import type { Log } from '../log.js';
import { SlotArray, type Slotted } from '../slot-array.js';

/** How often open responses are checked, in milliseconds. */
const EVERY_MS = 1000;

/** A response that is not over. */
interface Open extends Slotted {
  readonly res: ServerResponse;
  readonly token: string;
  /** The result of the last check of the key. */
  found: Authenticated;
  /** The time on this process's clock up to which the key is known to have been active. */
  checkedAt: number;
}

/**
 * The responses that are being sent, since a stream may outlive its key. When a key is invalidated, its responses are
 * checked, and cut off if the key is inactive. One that lasts longer than a cached answer is checked as often as that would
 * be, so that a revocation that was not noticed ends it, too. Without a lease, no revocation is noticed: then it is checked
 * as often as a lease would have to be renewed. And it is checked within a second when the key may have expired. Only keys
 * decides that it has.
 */
export class OpenResponses implements Invalidatable {
  readonly #open = new SlotArray<Open>();
  readonly #authenticator: Authenticator;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #lease: Pick<Lease, 'holdsLease'>;
  readonly #timings: Pick<Timings, 'cacheTtlMs' | 'leaseMs'>;
  readonly #stopping = new AbortController();
  /** When the responses were last checked. Newer ones belong to keys that were found active since. */
  #lookedAt: number;
  #watching: Promise<void> = Promise.resolve();
  #revocationEpoch = 0;
  #cutOff = 0;

  constructor(parts: {
    authenticator: Authenticator;
    clock: Clock;
    log: Log;
    lease: Pick<Lease, 'holdsLease'>;
    timings: Pick<Timings, 'cacheTtlMs' | 'leaseMs'>;
  }) {
    this.#authenticator = parts.authenticator;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#lease = parts.lease;
    this.#timings = parts.timings;
    this.#lookedAt = parts.clock.now();
  }

  /** How many responses are being sent. */
  get size(): number {
    return this.#open.size;
  }

  /** How many were cut off because their keys were inactive. */
  get cutOff(): number {
    return this.#cutOff;
  }

  /** How many invalidations there were: read it before authenticating a key, for {@link add}. */
  get revocationEpoch(): number {
    return this.#revocationEpoch;
  }

  /** Watches a response until it is over. `epoch`: the {@link revocationEpoch} from before its key was found active. */
  add(res: ServerResponse, token: string, found: Authenticated, epoch: number, whenOver: () => void): void {
    const open = { res, token, found, checkedAt: this.#lookedAt, slot: -1 };
    this.#open.add(open);
    // Not `once`, which wraps the function and removes it again: this event comes only once.
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

  /** Checks open responses until {@link stop}. */
  start(): void {
    this.#watching = repeat(() => this.#checkDue(), {
      clock: this.#clock,
      everyMs: EVERY_MS,
      immediate: false,
      signal: this.#stopping.signal,
      onOutage: (err) => this.#log.error({ err, msg: 'open responses cannot be checked' }),
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

  /** An unavailable keys service has not said that the key is inactive: then the next check asks again. */
  #check(open: Open): void {
    this.#ask(open).catch((err: unknown) =>
      this.#log.error({ err, msg: 'the key of an open response cannot be checked: retrying' }),
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
