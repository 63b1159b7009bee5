import type { Random } from './random.js';

/** A planned event. */
interface Event {
  readonly at: number;
  readonly order: number;
  happen: (() => void) | undefined;
}

/**
 * How many rounds of promise callbacks run between two events. The longest chain of the protocol's code takes about ten;
 * what is cut short continues, just as reproducibly, after the next event.
 */
const ROUNDS = 16;
const SETTLED = Promise.resolve();

/** A world with its own time, in which events happen one after the other, in an order that its seed determines. */
export class World {
  #now = 0;
  #order = 0;
  #serial = 0;
  /** A binary heap: the next event first. */
  readonly #events: Event[] = [];
  #isTracing = false;
  readonly trace: string[] = [];

  constructor(readonly random: Random) {}

  /** Milliseconds since the world began. Processes cannot read it. */
  get now(): number {
    return this.#now;
  }

  /** 1, 2, 3 and so on, for unique names. */
  serial(): number {
    return ++this.#serial;
  }

  /** From now on, records what happens. */
  startTracing(): void {
    this.#isTracing = true;
  }

  note(what: () => string): void {
    if (this.#isTracing) this.trace.push(`${this.#now.toFixed(2).padStart(9)}  ${what()}`);
  }

  /** Calls `happen` after `ms` milliseconds. Returns how to prevent it. */
  after(ms: number, happen: () => void): () => void {
    const event: Event = { at: this.#now + Math.max(ms, 0), order: this.#order++, happen };
    this.#push(event);
    return () => (event.happen = undefined);
  }

  /** Lets the world run until `end`, or until `isOver` is true. */
  async run(end: number, isOver: () => boolean): Promise<void> {
    for (let event = this.#events[0]; event !== undefined && event.at <= end; event = this.#events[0]) {
      this.#pop();
      if (event.happen === undefined) continue;
      this.#now = event.at;
      event.happen();
      for (let round = 0; round < ROUNDS; round++) await SETTLED;
      if (isOver()) return;
    }
    this.#now = end;
  }

  #push(event: Event): void {
    const heap = this.#events;
    let index = heap.push(event) - 1;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || isBefore(parent, event)) break;
      heap[index] = parent;
      index = above;
    }
    heap[index] = event;
  }

  #pop(): void {
    const heap = this.#events;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const [one, other] = [heap[left], heap[left + 1]];
      if (one === undefined) break;
      const child = other !== undefined && isBefore(other, one) ? other : one;
      if (isBefore(last, child)) break;
      heap[index] = child;
      index = child === one ? left : left + 1;
    }
    heap[index] = last;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
