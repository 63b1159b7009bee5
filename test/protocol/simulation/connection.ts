import type { SimulatedProcess } from './process.js';

/** How long messages take, in milliseconds. */
export interface Network {
  readonly usualMs: number;
  /** How often one takes longer, and how long then. */
  readonly slowChance: number;
  readonly slowMs: number;
}

/** Made once: a stack trace for each question that fails would take a tenth of the time. */
const NO_CONNECTION = new Error('no connection');
const NO_ANSWER = new Error('no answer');

type Direction = 'there' | 'back';

/**
 * A process' connection to a server. Messages keep their order, each way; other connections have theirs. When the
 * connection is lost, so is what was on its way, unless it had left already; the one who waits for an answer hears that it
 * will not come, and not whether the question was carried out.
 */
export class Connection {
  #epoch = 0;
  #isRefused = false;
  readonly #held = new Map<Direction, (() => void)[]>();
  readonly #lastAt: Record<Direction, number> = { there: 0, back: 0 };
  readonly #waiting = new Set<() => void>();

  constructor(
    readonly process: SimulatedProcess,
    private readonly network: Network,
    private readonly timeoutMs: number,
  ) {}

  /** Sends a question; `answer` runs where it arrives, and may reply then or later. Rejects when no reply comes. */
  ask<T>(answer: (reply: (value: T) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const { process } = this;
      if (this.#isRefused) {
        process.after(0, () => reject(NO_CONNECTION));
        return;
      }
      const fail = (): void => {
        cancel();
        this.#waiting.delete(fail);
        reject(NO_ANSWER);
      };
      const cancel = process.after(this.timeoutMs, fail);
      this.#waiting.add(fail);
      this.#carry('there', () =>
        answer((value) =>
          this.#carry('back', () =>
            process.enter(() => {
              cancel();
              this.#waiting.delete(fail);
              resolve(value);
            }),
          ),
        ),
      );
    });
  }

  /** A message that nobody asked for, such as a doorbell's. */
  push(happen: () => void): void {
    if (!this.#isRefused) this.#carry('back', () => this.process.enter(happen));
  }

  /** Loses the connection. The next question opens another one. */
  lose(): void {
    this.#epoch++;
    this.#held.clear();
    this.#lastAt.there = this.#lastAt.back = 0;
    for (const fail of [...this.#waiting]) this.process.enter(fail);
    this.#waiting.clear();
  }

  /** Loses the connection and lets no other be opened, until {@link mend}. */
  refuse(): void {
    this.lose();
    this.#isRefused = true;
  }

  /** Keeps what is sent in one direction from arriving, until {@link mend}, without an error at either end. */
  hold(direction: Direction): void {
    if (!this.#held.has(direction)) this.#held.set(direction, []);
  }

  /** Loses the connection, and what is held on its way there arrives `ms` later all the same: nobody waits for it. */
  loseAndDeliverLate(ms: number): void {
    const late = this.#held.get('there') ?? [];
    this.lose();
    this.process.world.after(ms, () => {
      for (const message of late) message();
    });
  }

  mend(): void {
    this.#isRefused = false;
    for (const [direction, messages] of [...this.#held]) {
      this.#held.delete(direction);
      for (const message of messages) this.#carry(direction, message);
    }
  }

  #carry(direction: Direction, arrive: () => void): void {
    const { world } = this.process;
    const epoch = this.#epoch;
    // What is sent as the connection is lost may have left by then: a question arrives, and its answer has no way back.
    const hasLeft = direction === 'there' && world.random.chance(0.5);
    const happen = (): void => {
      if (epoch !== this.#epoch && !hasLeft) return;
      arrive();
    };
    const held = this.#held.get(direction);
    if (held !== undefined) {
      held.push(happen);
      return;
    }
    const at = Math.max(world.now + this.#delay(), this.#lastAt[direction]);
    this.#lastAt[direction] = at;
    world.after(at - world.now, () => {
      const heldMeanwhile = this.#held.get(direction);
      if (heldMeanwhile === undefined) happen();
      else heldMeanwhile.push(happen);
    });
  }

  #delay(): number {
    const { random } = this.process.world;
    const { usualMs, slowChance, slowMs } = this.network;
    return slowChance > 0 && random.chance(slowChance)
      ? random.between(usualMs, slowMs)
      : random.between(usualMs / 10, usualMs);
  }
}
