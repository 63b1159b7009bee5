import { networkOf } from '#libs/client-address';
import { FixedWindowCounter } from './fixed-window-counter.js';

/** How many networks are remembered at the same time, so that no sender of many can fill the memory. */
const NETWORKS = 100_000;

/** Who sends a request, by the framework's own reading: its socket, or a header that a trusted proxy has written. */
export interface Sender {
  readonly ip?: string | undefined;
}

/**
 * Counts presented keys that were refused, by the network of the sender, in this process' memory: a forged key must
 * cost nobody else anything. A window begins with the first failure and lasts 60 seconds; once it has seen as many as
 * allowed, everything else from there is refused until it is over, which failures that were still on their way do not
 * put off. Valid keys behind the same address do not make it forget.
 */
export class FailedAuthentications {
  readonly #windows: FixedWindowCounter;
  readonly #perMinute: number;

  constructor({ perMinute, now }: { perMinute: number; now?: () => number }) {
    this.#perMinute = perMinute;
    this.#windows = new FixedWindowCounter({ size: NETWORKS, now });
  }

  /** A presented key was refused. */
  add({ ip }: Sender): void {
    if (ip !== undefined) this.#windows.add(networkOf(ip));
  }

  /** How many networks nothing is listened to from, at this moment. */
  get blocked(): number {
    return this.#windows.countOf(this.#perMinute);
  }

  /** For how many more seconds, rounded up, nothing from there is listened to; undefined when it may go on. */
  retryAfterSeconds(sender: Sender): number | undefined {
    // Before the address is looked at, which a framework may have to search headers for.
    if (this.#windows.isEmpty) return undefined;
    const { ip } = sender;
    const failed = ip === undefined ? undefined : this.#windows.get(networkOf(ip));
    if (failed === undefined || failed.count < this.#perMinute) return undefined;
    return Math.max(1, Math.ceil(failed.endsInMs / 1000));
  }
}
