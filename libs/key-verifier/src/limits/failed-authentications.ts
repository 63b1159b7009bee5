import { networkOf } from '#libs/client-address';
import { FixedWindowCounter } from './fixed-window-counter.js';

/** How many networks are remembered at the same time, so that a sender with many cannot fill the memory. */
const NETWORKS = 100_000;

/** The sender of a request, as the framework determines it: from its socket, or from a trusted proxy's header. */
export interface Sender {
  readonly ip?: string | undefined;
}

/**
 * Counts refused keys by the sender's network, in this process's memory: a forged key must not cost other processes
 * anything. A window begins with the first failure and lasts 60 seconds; once the limit is reached, everything else from
 * that network is refused until it ends, which failures that were still in progress do not delay. Valid keys from the same
 * address do not reset it.
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

  /** How many networks are blocked. */
  get blocked(): number {
    return this.#windows.countOf(this.#perMinute);
  }

  /** For how many more seconds, rounded up, the network is blocked; undefined if it is not. */
  retryAfterSeconds(sender: Sender): number | undefined {
    // Before reading the address, for which a framework may have to search headers.
    if (this.#windows.isEmpty) return undefined;
    const { ip } = sender;
    const failed = ip === undefined ? undefined : this.#windows.get(networkOf(ip));
    if (failed === undefined || failed.count < this.#perMinute) return undefined;
    return Math.max(1, Math.ceil(failed.endsInMs / 1000));
  }
}
