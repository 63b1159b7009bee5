import type { SimulatedProcess } from './process.js';

/** How long messages take, in milliseconds. */
export interface Network {
  readonly usualMs: number;
  /** How often a message takes longer, and how long then. */
  readonly slowChance: number;
  readonly slowMs: number;
}

/** Created once: a stack trace for each failed question would take a tenth of the time. */
const NO_CONNECTION = new Error('no connection');
const NO_ANSWER = new Error('no answer');

type Direction = 'there' | 'back';

/**
 * A process's connection to a server. Messages keep their order in each direction, but not across connections. When the
 * connection is lost, so are the messages in transit, unless they had left already; a caller that waits for an answer
 * learns that it will not come, but not whether the question was carried out.
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

  /** Sends a question; `answer` runs when it arrives, and may reply then or later. Rejects if no reply comes. */
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

  /** An unrequested message, such as a doorbell's. */
  push(happen: () => void): void {
    if (!this.#isRefused) this.#carry('back', () => this.process.enter(happen));
  }

  /** Loses the connection. The next question opens a new one. */
  lose(): void {
    this.#epoch++;
    this.#held.clear();
    this.#lastAt.there = this.#lastAt.back = 0;
    for (const fail of [...this.#waiting]) this.process.enter(fail);
    this.#waiting.clear();
  }

  /** Loses the connection and refuses new ones, until {@link mend}. */
  refuse(): void {
    this.lose();
    this.#isRefused = true;
  }

  /** Keeps messages in one direction from arriving, until {@link mend}, without an error at either end. */
  hold(direction: Direction): void {
    if (!this.#held.has(direction)) this.#held.set(direction, []);
  }

  /** Loses the connection, but held messages to the server still arrive `ms` later, when nobody waits for them any more. */
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
    // A message that is sent as the connection is lost may have left: a question arrives, but its answer cannot return.
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
