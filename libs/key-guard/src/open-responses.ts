import type { ServerResponse } from 'node:http';
import { Logger } from '@nestjs/common';
import type { Principal } from '#libs/keys-client';
import type { Clock, Droppable, Target } from '#libs/revocations';
import type { Authenticator } from './authenticator.js';
import { Bag, type Baggable } from './bag.js';

/** How often open responses are looked through, in milliseconds. */
const EVERY_MS = 1000;

/** A response that is not over yet. */
interface Open extends Baggable {
  readonly res: ServerResponse;
  readonly token: string;
  readonly principal: Principal;
  /** A moment on this process' clock since which the key was found alive. */
  checkedAt: number;
}

/**
 * The responses that are being sent: a stream may outlive its key. When a key is dropped from the cache, the responses
 * to it are checked again, and cut off if it is dead. One that lasts longer than a cached answer is checked as often as
 * that would be, so that a revocation which nobody could tell of ends it, too; and so does expiry, within a second.
 */
export class OpenResponses implements Droppable {
  readonly #logger = new Logger(OpenResponses.name);
  readonly #open = new Bag<Open>();
  readonly #authenticator: Authenticator;
  readonly #clock: Clock;
  readonly #cacheTtlMs: number;
  /** Milliseconds since 1970: expiry is by the calendar. */
  readonly #wallClock: () => number;
  readonly #stopping = new AbortController();
  /** When it was last looked through what is open. What has come since was found alive since. */
  #lookedAt: number;
  #watching: Promise<void> = Promise.resolve();
  #drops = 0;
  #cutOff = 0;

  constructor(parts: {
    authenticator: Authenticator;
    clock: Clock;
    cacheTtlMs: number;
    wallClock?: () => number;
  }) {
    this.#authenticator = parts.authenticator;
    this.#clock = parts.clock;
    this.#cacheTtlMs = parts.cacheTtlMs;
    this.#wallClock = parts.wallClock ?? Date.now;
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
  get drops(): number {
    return this.#drops;
  }

  /** Watches over a response until it is over. `drops`: as it was before its key was found alive. */
  add(res: ServerResponse, token: string, principal: Principal, drops: number, whenOver: () => void): void {
    const open = { res, token, principal, checkedAt: this.#lookedAt, place: -1 };
    this.#open.add(open);
    // Not `once`, which wraps the function and takes it out again: the event comes once.
    res.on('close', () => {
      this.#open.delete(open);
      whenOver();
    });
    if (drops !== this.#drops) this.#check(open);
  }

  drop(target: Target): void {
    this.#drops++;
    for (const open of this.#open) if (concerns(target, open.principal)) this.#check(open);
  }

  /** Looks through what is open, until {@link stop}. */
  start(): void {
    this.#watching = this.#watch();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#clock.wait(EVERY_MS, signal);
      this.#lookedAt = this.#clock.now();
      for (const open of this.#open) if (this.#isDue(open)) this.#check(open);
    }
  }

  #isDue({ checkedAt, principal: { expiresAtMs } }: Open): boolean {
    const hasExpired = expiresAtMs !== null && expiresAtMs <= this.#wallClock();
    return hasExpired || this.#lookedAt - checkedAt >= this.#cacheTtlMs;
  }

  /** Keys that cannot be asked have not said that the key is dead: then the next look asks again. */
  #check(open: Open): void {
    this.#ask(open).catch((err: unknown) =>
      this.#logger.error({ err, msg: 'the key of an open response cannot be checked: tried again' }),
    );
  }

  async #ask(open: Open): Promise<void> {
    const checkedAt = this.#clock.now();
    const { outcome } = await this.#authenticator.authenticate(open.token);
    if (outcome === 'authenticated') open.checkedAt = checkedAt;
    if (outcome !== 'refused' || open.res.destroyed) return;
    this.#cutOff++;
    open.res.destroy();
  }
}

function concerns(target: Target, { keyId, owner }: Principal): boolean {
  switch (target.kind) {
    case 'key':
      return target.id === keyId;
    case 'owner':
      return target.id === owner.id;
    case 'everything':
      return true;
  }
}
