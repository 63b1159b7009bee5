import { setMaxListeners } from 'node:events';
import { type BeforeApplicationShutdown, Logger } from '@nestjs/common';
import type { Clock } from '#libs/clock';
import type { GenuineKey } from '#libs/key-format';
import type { ExposedKeys, KeySighting } from '#libs/key-verifier';
import { reportInBatches } from './report-in-batches.js';

/** The pauses between attempts, in milliseconds: ten minutes in all, in which a service is restarted or replaced. */
const PAUSES_MS = [1000, 2000, 4000, 8000, 15_000, 30_000, ...Array.from({ length: 9 }, () => 60_000)];

/** How long a gateway that stops waits for its last attempts, in milliseconds. */
const LAST_MS = 2000;

/** The most keys that are reported at the same time, so that an outage of keys does not fill the memory. */
const MAX_PENDING = 10_000;

/** Reports keys in the background, and tries again for a while if keys cannot take them now. */
export class PendingReports implements BeforeApplicationShutdown {
  readonly #log = new Logger(PendingReports.name);
  readonly #stopping = new AbortController();
  readonly #exposed: Pick<ExposedKeys, 'report'>;
  readonly #clock: Clock;
  readonly #running = new Set<Promise<void>>();
  #pending = 0;

  constructor({ exposed, clock }: { exposed: Pick<ExposedKeys, 'report'>; clock: Clock }) {
    this.#exposed = exposed;
    this.#clock = clock;
    // Every report that waits listens to it.
    setMaxListeners(0, this.#stopping.signal);
  }

  /** Begins to report keys. Who reported them is not told what becomes of that. */
  add(keys: readonly GenuineKey[], sighting: KeySighting): void {
    if (keys.length === 0) return;
    if (this.#pending + keys.length > MAX_PENDING) {
      this.#giveUp(keys, sighting, `${MAX_PENDING} others are still to be reported`);
      return;
    }
    this.#pending += keys.length;
    const running = this.#report(keys, sighting).finally(() => {
      this.#pending -= keys.length;
      this.#running.delete(running);
    });
    this.#running.add(running);
  }

  /** Tries once more what is waiting. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#stopping.abort();
    await Promise.race([Promise.all(this.#running), this.#clock.wait(LAST_MS)]);
  }

  async #report(keys: readonly GenuineKey[], sighting: KeySighting): Promise<void> {
    let left = await this.#attempt(keys, sighting);
    for (const pauseMs of PAUSES_MS) {
      if (left.length === 0 || this.#stopping.signal.aborted) break;
      await this.#clock.wait(pauseMs, this.#stopping.signal);
      left = await this.#attempt(left, sighting);
    }
    if (left.length > 0) this.#giveUp(left, sighting, 'the keys service could not take them');
  }

  /** The keys that must be reported again. */
  async #attempt(keys: readonly GenuineKey[], sighting: KeySighting): Promise<GenuineKey[]> {
    const outcomes = await reportInBatches(keys, (key) => this.#exposed.report(key, sighting));
    return keys.filter((_, i) => isUndone(outcomes[i]?.outcome));
  }

  #giveUp(keys: readonly GenuineKey[], { source, requestId }: KeySighting, why: string): void {
    const keyIds = keys.slice(0, 10).map(({ id }) => id);
    this.#log.error({
      msg: `${keys.length} exposed keys were not reported: ${why}. Revoke them.`,
      source,
      requestId,
      keyIds,
    });
  }
}

/** Whether a report has had no effect yet, but may have one later. */
function isUndone(outcome: string | undefined): boolean {
  return outcome === 'busy' || outcome === 'unavailable';
}
