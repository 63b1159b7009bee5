import type { Clock } from '#libs/clock';
import type { World } from './world.js';

/** How far a clock's rate may be from true, either way: two of them differ by at most 1 %. */
export const DRIFT = 0.0049;

/** Something that is to happen in a process at a reading of its clock. */
interface Timer {
  readonly at: number;
  readonly happen: () => void;
  cancel: () => void;
}

/**
 * A process: whatever happens to it waits while it is paused, and is lost once it is dead. Its clock goes on while it
 * is paused, at a rate of its own, from a beginning of its own.
 */
export class SimulatedProcess {
  #state: 'running' | 'paused' | 'dead' = 'running';
  #waiting: (() => void)[] = [];
  readonly clock: Clock;
  readonly #rate: number;
  readonly #began: number;
  #zero: number;
  readonly #timers = new Set<Timer>();
  #wallClockOffMs = 0;

  constructor(
    readonly world: World,
    readonly name: string,
    /** The machine, or whatever else a process and the one that replaces it have in common. */
    readonly host = name,
  ) {
    this.#rate = 1 + world.random.pick([-DRIFT, DRIFT, world.random.between(-DRIFT, DRIFT)]);
    this.#began = world.now;
    this.#zero = world.random.between(0, 1_000_000);
    this.clock = { now: () => this.now(), wait: (ms, signal) => this.#wait(ms, signal) };
  }

  get isRunning(): boolean {
    return this.#state === 'running';
  }

  get isDead(): boolean {
    return this.#state === 'dead';
  }

  now(): number {
    return this.#zero + (this.world.now - this.#began) * this.#rate;
  }

  /** The clock goes ahead of a sudden. What waits for a reading that is over by then, happens. */
  jumpAhead(byMs: number): void {
    this.#zero += byMs;
    for (const timer of this.#timers) {
      timer.cancel();
      this.#set(timer);
    }
  }

  /**
   * The wall clock as the process sees it: milliseconds since the world began, unless somebody sets it. The protocol asks
   * it for nothing: it is there for the mutants that do.
   */
  wallClock(): number {
    return this.world.now + this.#wallClockOffMs;
  }

  /** Somebody sets the wall clock; `clock` does not care. */
  setWallClock(byMs: number): void {
    this.#wallClockOffMs += byMs;
  }

  /** Something reaches the process from outside: it happens in it now, or when it is resumed, or never. */
  enter(happen: () => void): void {
    if (this.#state === 'running') happen();
    else if (this.#state === 'paused') this.#waiting.push(happen);
  }

  /** As {@link enter}, for what comes on a connection of its own: a resumed process may see it before what came first. */
  enterAside(happen: () => void): void {
    if (this.#state === 'paused') {
      this.#waiting.splice(this.world.random.whole(0, this.#waiting.length), 0, happen);
    } else this.enter(happen);
  }

  /** Lets something happen in the process after `ms` milliseconds by its own clock. Answers how to prevent it. */
  after(ms: number, happen: () => void): () => void {
    const timer: Timer = { at: this.now() + ms, happen, cancel: () => undefined };
    this.#timers.add(timer);
    this.#set(timer);
    return () => {
      timer.cancel();
      this.#timers.delete(timer);
    };
  }

  pause(): void {
    if (this.#state === 'running') this.#state = 'paused';
  }

  resume(): void {
    if (this.#state !== 'paused') return;
    this.#state = 'running';
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const happen of waiting) this.world.after(0, () => this.enter(happen));
  }

  kill(): void {
    this.#state = 'dead';
    this.#waiting = [];
  }

  #set(timer: Timer): void {
    timer.cancel = this.world.after((timer.at - this.now()) / this.#rate, () => {
      this.#timers.delete(timer);
      this.enter(timer.happen);
    });
  }

  #wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) resolve();
      else {
        const cancel = this.after(ms, resolve);
        signal?.addEventListener('abort', () => {
          cancel();
          resolve();
        });
      }
    });
  }
}
