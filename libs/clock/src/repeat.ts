import type { Clock } from './clock.js';

export interface RepeatOptions {
  readonly clock: Clock;
  /** The pause between the end of one run and the start of the next, in milliseconds. */
  readonly everyMs: number | (() => number);
  /** The pause after a run that failed. Default: `everyMs`. */
  readonly retryMs?: number;
  /** Whether the first run starts at once instead of after a pause. Default: true. */
  readonly immediate?: boolean;
  /** Ends the repetition, once the current run is over. */
  readonly signal: AbortSignal;
  /**
   * Subscribes to whatever should start the next run early, and returns how to unsubscribe. A ring during a run counts:
   * the next run then follows without a pause, since this one may have missed what the ring was about.
   */
  readonly wake?: (ring: () => void) => () => void;
  /** Called with the first failure of each outage: further ones are not reported until a run has succeeded. */
  readonly onOutage: (err: unknown) => void;
  /** Called when a run succeeds after one that failed. */
  readonly onRecovery?: () => void;
}

/** Runs `work` repeatedly, one run at a time, until `signal` aborts. Resolves when the last run is over. */
export async function repeat(work: () => void | Promise<void>, options: RepeatOptions): Promise<void> {
  const { clock, everyMs, retryMs, immediate = true, signal, wake, onOutage, onRecovery } = options;
  let bell = new AbortController();
  // With a reason of its own: the error made otherwise, with its stack trace, costs more than the rest.
  const ring = (): void => bell.abort('ring');
  const pause = (ms: number | (() => number)): Promise<void> =>
    clock.wait(typeof ms === 'number' ? ms : ms(), bell.signal);

  const unsubscribe = wake?.(ring);
  signal.addEventListener('abort', ring);
  try {
    let isFailing = false;
    if (!immediate && !signal.aborted) await pause(everyMs);
    while (!signal.aborted) {
      bell = new AbortController();
      const wasFailing = isFailing;
      try {
        await work();
        isFailing = false;
      } catch (err) {
        isFailing = true;
        if (!wasFailing) onOutage(err);
      }
      if (wasFailing && !isFailing) onRecovery?.();
      await pause(isFailing ? (retryMs ?? everyMs) : everyMs);
    }
  } finally {
    signal.removeEventListener('abort', ring);
    unsubscribe?.();
  }
}
