/** What can be put into a {@link Bag}: it remembers where it is, and -1 while it is in none. */
export interface Baggable {
  place: number;
}

/**
 * Things that come and go by the thousand a second, in no order. An array whose places are used again, and not a Set: a
 * Set makes itself a new table every so often, and each table keeps the one that followed it alive, and all that was in
 * there, once it has grown old before it was thrown away. So requests outlived their answers, and a proxy paid nearly
 * twice the processor time for collecting them.
 */
export class Bag<Thing extends Baggable> {
  readonly #places: (Thing | undefined)[] = [];
  readonly #free: number[] = [];

  add(thing: Thing): void {
    thing.place = this.#free.pop() ?? this.#places.length;
    this.#places[thing.place] = thing;
  }

  /** Takes a thing out; nothing happens if it is not in here. */
  delete(thing: Thing): void {
    const { place } = thing;
    if (this.#places[place] !== thing) return;
    this.#places[place] = undefined;
    this.#free.push(place);
    thing.place = -1;
  }

  get size(): number {
    return this.#places.length - this.#free.length;
  }

  *[Symbol.iterator](): Iterator<Thing> {
    for (const thing of this.#places) if (thing !== undefined) yield thing;
  }
}
