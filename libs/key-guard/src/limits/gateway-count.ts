import { type Clock, repeat } from '#libs/clock';
import type { RevocationLog } from '#libs/revocations';

/** How often it looks, in milliseconds. */
const LOOK_EVERY_MS = 2000;

/** A gateway that has not renewed its lease for so long is not counted any more. One that is cut off for less still serves. */
const FORGET_AFTER_MS = 60_000;

/**
 * How many gateways there are, by the log of revocations that all of them follow. What was known last stays known
 * while the log is away, for that is when it is needed; 1 before anything was known.
 */
export class GatewayCount {
  readonly #log: RevocationLog;
  readonly #clock: Clock;
  readonly #onChange: (count: number) => void;
  readonly #stopping = new AbortController();
  readonly #seen = new Map<string, { readonly beat: number; readonly renewedAt: number }>();
  #count = 1;
  #running: Promise<void> = Promise.resolve();

  constructor(given: { log: RevocationLog; clock: Clock; onChange: (count: number) => void }) {
    this.#log = given.log;
    this.#clock = given.clock;
    this.#onChange = given.onChange;
  }

  get count(): number {
    return this.#count;
  }

  start(): void {
    this.#running = repeat(() => this.look(), {
      clock: this.#clock,
      everyMs: LOOK_EVERY_MS,
      signal: this.#stopping.signal,
      // The follower of the same log reports its outages.
      onOutage: () => undefined,
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** Looks once; rejects, and knows what it knew, when the log is away. */
  async look(): Promise<void> {
    const members = await this.#log.members();
    const now = this.#clock.now();
    const before = this.#count;
    const present = new Set(members.map(({ instance }) => instance));
    for (const instance of this.#seen.keys()) if (!present.has(instance)) this.#seen.delete(instance);
    for (const { instance, beat } of members)
      if (this.#seen.get(instance)?.beat !== beat) this.#seen.set(instance, { beat, renewedAt: now });
    const alive = [...this.#seen.values()].filter(({ renewedAt }) => now - renewedAt < FORGET_AFTER_MS);
    this.#count = Math.max(1, alive.length);
    if (this.#count !== before) this.#onChange(this.#count);
  }
}
