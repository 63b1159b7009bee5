/** What can be put into a {@link SlotArray}: it remembers where it is, and -1 while it is in none. */
export interface Slotted {
  slot: number;
}

/**
 * Things that come and go by the thousand a second, in no order. An array whose places are used again, and not a Set: a
 * Set makes itself a new table every so often, and each table keeps the one that followed it alive, and all that was in
 * there, once it has grown old before it was thrown away. So requests outlived their answers, and a proxy paid nearly
 * twice the processor time for collecting them.
 */
export class SlotArray<Thing extends Slotted> {
  readonly #slots: (Thing | undefined)[] = [];
  readonly #free: number[] = [];

  add(thing: Thing): void {
    thing.slot = this.#free.pop() ?? this.#slots.length;
    this.#slots[thing.slot] = thing;
  }

  /** Takes a thing out; nothing happens if it is not in here. */
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
