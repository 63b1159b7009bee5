/** An item of a {@link SlotArray}: it stores its position, or -1 while it is in none. */
export interface Slotted {
  slot: number;
}

/**
 * Items that are added and removed by the thousand per second, in no order. An array with reused slots, and not a Set: a
 * Set allocates a new table every so often, and each old table that has reached V8's old space keeps the next one alive,
 * with everything in it. So requests outlived their responses, and a proxy needed nearly twice the processor time to
 * collect them.
 */
export class SlotArray<Thing extends Slotted> {
  readonly #slots: (Thing | undefined)[] = [];
  readonly #free: number[] = [];

  add(thing: Thing): void {
    thing.slot = this.#free.pop() ?? this.#slots.length;
    this.#slots[thing.slot] = thing;
  }

  /** Removes an item; does nothing if it is not in here. */
  delete(thing: Thing): void {
    const { slot } = thing;
    if (this.#slots[slot] !== thing) return;
    this.#slots[slot] = undefined;
    this.#free.push(slot);
    thing.slot = -1;
  }

  get size(): number {
    return this.#slots.length - this.#free.length;
  }

  *[Symbol.iterator](): Iterator<Thing> {
    for (const thing of this.#slots) if (thing !== undefined) yield thing;
  }
}
