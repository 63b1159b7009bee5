import { describe, expect, it } from '@jest/globals';
import { Bag, type Baggable } from './bag.js';

function thing(name: string): Baggable & { readonly name: string } {
  return { name, place: -1 };
}

describe('a bag', () => {
  it('has what was put in and not taken out', () => {
    const bag = new Bag<ReturnType<typeof thing>>();
    const [a, b, c] = [thing('a'), thing('b'), thing('c')];
    for (const one of [a, b, c]) bag.add(one);
    bag.delete(b);
    expect([...bag]).toEqual([a, c]);
    expect(bag.size).toBe(2);
  });

  it('uses a place again', () => {
    const bag = new Bag();
    for (let i = 0; i < 1000; i++) {
      const [one, other] = [thing('one'), thing('other')];
      bag.add(one);
      bag.add(other);
      expect([one.place, other.place].sort()).toEqual([0, 1]);
      bag.delete(one);
      bag.delete(other);
    }
    expect([...bag]).toEqual([]);
    expect(bag.size).toBe(0);
  });

  it('leaves what has taken a place since alone when a thing is taken out twice', () => {
    const bag = new Bag();
    const [gone, next] = [thing('gone'), thing('next')];
    bag.add(gone);
    bag.delete(gone);
    bag.add(next);
    bag.delete(gone);
    expect([...bag]).toEqual([next]);
  });
});
