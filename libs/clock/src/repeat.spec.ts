import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Clock } from './clock.js';
import { type RepeatOptions, repeat } from './repeat.js';

/** A clock that the test moves. */
class VirtualClock implements Clock {
  #now = 0;
  readonly #waiting = new Set<{ readonly until: number; readonly end: () => void }>();

  now(): number {
    return this.#now;
  }

  wait(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.#waiting.delete(entry);
        resolve();
      };
      const entry = { until: this.#now + ms, end };
      this.#waiting.add(entry);
      if (signal?.aborted === true) end();
      signal?.addEventListener('abort', end);
    });
  }

  get isIdle(): boolean {
    return this.#waiting.size === 0;
  }

  async pass(ms: number): Promise<void> {
    await settle();
    for (const end = this.#now + ms; this.#now < end;) {
      this.#now++;
      for (const entry of [...this.#waiting]) if (entry.until <= this.#now) entry.end();
      await settle();
    }
  }
}

/** Lets pending promises run. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

let clock: VirtualClock;
let stopping: AbortController;
/** When each run started. */
let runs: number[];
let outages: unknown[];
let recoveries: number;
let ring: () => void;
let isSubscribed: boolean;
/** What the next runs do. */
let work: () => void | Promise<void>;
let hasEnded: boolean;

beforeEach(() => {
  clock = new VirtualClock();
  stopping = new AbortController();
  [runs, outages] = [[], []];
  recoveries = 0;
  [isSubscribed, hasEnded] = [false, false];
  work = () => undefined;
});

function start(options: Partial<RepeatOptions> = {}): Promise<void> {
  return repeat(
    () => {
      runs.push(clock.now());
      return work();
    },
    {
      clock,
      everyMs: 100,
      signal: stopping.signal,
      wake: (bell) => {
        ring = bell;
        isSubscribed = true;
        return () => (isSubscribed = false);
      },
      onOutage: (err) => outages.push(err),
      onRecovery: () => recoveries++,
      ...options,
    },
  ).then(() => void (hasEnded = true));
}

describe('repeated work', () => {
  it('runs at once, and again after each pause', async () => {
    void start();
    expect(runs).toEqual([0]);
    await clock.pass(200);
    expect(runs).toEqual([0, 100, 200]);
  });

  it('runs first after a pause if it is not immediate', async () => {
    void start({ immediate: false });
    await clock.pass(99);
    expect(runs).toEqual([]);
    await clock.pass(101);
    expect(runs).toEqual([100, 200]);
  });

  it('can have pauses of different lengths', async () => {
    const pauses = [10, 20, 1000];
    void start({ everyMs: () => pauses.shift() ?? 0 });
    await clock.pass(100);
    expect(runs).toEqual([0, 10, 30]);
  });

  it('never overlaps: a pause begins when a run is over', async () => {
    work = () => clock.wait(70);
    void start();
    await clock.pass(340);
    expect(runs).toEqual([0, 170, 340]);
  });
});

describe('a doorbell', () => {
  it('ends a pause', async () => {
    void start();
    await clock.pass(30);
    ring();
    await clock.pass(100);
    expect(runs).toEqual([0, 30, 130]);
  });

  it('that rings during a run starts one more right after it, however often it rang', async () => {
    work = () => clock.wait(20);
    void start();
    await clock.pass(10);
    ring();
    ring();
    await clock.pass(120);
    expect(runs).toEqual([0, 20]);
    await clock.pass(10);
    expect(runs).toEqual([0, 20, 140]);
  });

  it('ends the pause before the first run, too', async () => {
    void start({ immediate: false });
    await clock.pass(30);
    ring();
    await settle();
    expect(runs).toEqual([30]);
  });
});

describe('an outage', () => {
  const fails = (message: string) => (): Promise<void> => Promise.reject(new Error(message));

  it('is reported once, and so is its end', async () => {
    work = fails('first');
    void start();
    await clock.pass(100);
    work = fails('second');
    await clock.pass(100);
    expect(runs).toHaveLength(3);
    expect(outages).toEqual([new Error('first')]);
    expect(recoveries).toBe(0);
    work = () => undefined;
    await clock.pass(200);
    expect(recoveries).toBe(1);
    work = fails('third');
    await clock.pass(100);
    expect(outages).toEqual([new Error('first'), new Error('third')]);
  });

  it('begins when the work throws as well as when it rejects', async () => {
    work = () => {
      throw new Error('thrown');
    };
    void start();
    await clock.pass(100);
    expect(outages).toEqual([new Error('thrown')]);
    expect(runs).toEqual([0, 100]);
  });

  it('can have another pause', async () => {
    work = fails('away');
    void start({ retryMs: 10 });
    await clock.pass(20);
    work = () => undefined;
    await clock.pass(110);
    expect(runs).toEqual([0, 10, 20, 30, 130]);
  });
});

describe('the end of a repetition', () => {
  it('comes at once during a pause, without another run', async () => {
    void start();
    await clock.pass(10);
    stopping.abort();
    await settle();
    expect([runs, hasEnded, isSubscribed, clock.isIdle]).toEqual([[0], true, false, true]);
  });

  it('comes at once during the pause before the first run', async () => {
    void start({ immediate: false });
    stopping.abort();
    await settle();
    expect([runs, hasEnded, clock.isIdle]).toEqual([[], true, true]);
  });

  it('waits for the run in progress, even if the doorbell rang during it', async () => {
    work = () => clock.wait(20);
    void start();
    await clock.pass(10);
    ring();
    stopping.abort();
    await settle();
    expect(hasEnded).toBe(false);
    await clock.pass(10);
    expect([runs, hasEnded, isSubscribed]).toEqual([[0], true, false]);
  });

  it('comes before the first run if the signal has already aborted', async () => {
    stopping.abort();
    await start();
    expect([runs, isSubscribed]).toEqual([[], false]);
  });
});
