import type { Clock } from '#libs/clock';
import type { World } from './world.js';

/** How far a clock's rate may be off in either direction: two of them differ by at most 1 %. */
export const DRIFT = 0.0049;

/** A callback for when the process's clock reaches a reading. */
interface Timer {
  readonly at: number;
  readonly happen: () => void;
  cancel: () => void;
}

/**
 * A process: what reaches it waits while it is paused, and is lost once it is dead. Its clock continues while it is paused,
 * at its own rate and from its own beginning.
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
    /** The machine, or anything else that a process and its replacement have in common. */
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

  /** Makes the clock jump ahead. Timers that are due then fire. */
  jumpAhead(byMs: number): void {
    this.#zero += byMs;
    for (const timer of this.#timers) {
      timer.cancel();
      this.#set(timer);
    }
  }

  /**
   * The process's wall clock: milliseconds since the world began, unless it was set. The protocol does not use it; it exists
   * for the mutants that do.
   */
  wallClock(): number {
    return this.world.now + this.#wallClockOffMs;
  }

  /** Sets the wall clock, which does not affect `clock`. */
  setWallClock(byMs: number): void {
    this.#wallClockOffMs += byMs;
  }

  /** Something reaches the process from outside: it happens now, when the process is resumed, or never. */
  enter(happen: () => void): void {
    if (this.#state === 'running') happen();
    else if (this.#state === 'paused') this.#waiting.push(happen);
  }

  /** Like {@link enter}, but on a separate connection: a resumed process may process it before what came first. */
  enterAside(happen: () => void): void {
    if (this.#state === 'paused') {
      this.#waiting.splice(this.world.random.whole(0, this.#waiting.length), 0, happen);
    } else this.enter(happen);
  }

  /** Calls `happen` after `ms` milliseconds by the process's clock. Returns how to prevent it. */
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
