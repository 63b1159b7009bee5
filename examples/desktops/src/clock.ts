import { setTimeout } from 'node:timers/promises';

/** Time, passed in so that tests need not wait for a desktop to boot. */
export abstract class Clock {
  /** Milliseconds since 1970. */
  abstract now(): number;
  abstract wait(ms: number): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  wait: (ms) => setTimeout(ms),
};
