import { type Clock, repeat } from '#libs/clock';
import type { RevocationLog } from '#libs/revocations';

/** How often it looks, in milliseconds. */
const LOOK_EVERY_MS = 2000;

/** How long after its last renewal a gateway still counts. One that is cut off for less still serves. */
const FORGET_AFTER_MS = 60_000;

/**
 * How many gateways there are, by the revocation log that all of them follow. While the log is unavailable, the last
 * number stays, since that is when it is needed; 1 until anything is known.
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

  /** Looks once; rejects, and keeps the number, if the log is unavailable. */
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
