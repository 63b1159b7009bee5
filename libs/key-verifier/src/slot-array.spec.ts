import { describe, expect, it } from '@jest/globals';
import { SlotArray, type Slotted } from './slot-array.js';

function thing(name: string): Slotted & { readonly name: string } {
  return { name, slot: -1 };
}

describe('a slot array', () => {
  it('contains what was added and not removed', () => {
    const slots = new SlotArray<ReturnType<typeof thing>>();
    const [a, b, c] = [thing('a'), thing('b'), thing('c')];
    for (const one of [a, b, c]) slots.add(one);
    slots.delete(b);
    expect([...slots]).toEqual([a, c]);
    expect(slots.size).toBe(2);
  });

  it('reuses slots', () => {
    const slots = new SlotArray();
    for (let i = 0; i < 1000; i++) {
      const [one, other] = [thing('one'), thing('other')];
      slots.add(one);
      slots.add(other);
      expect([one.slot, other.slot].sort()).toEqual([0, 1]);
      slots.delete(one);
      slots.delete(other);
    }
    expect([...slots]).toEqual([]);
    expect(slots.size).toBe(0);
  });

  it('ignores a second removal of an item, even if its slot is in use again', () => {
    const slots = new SlotArray();
    const [gone, next] = [thing('gone'), thing('next')];
    slots.add(gone);
    slots.delete(gone);
    slots.add(next);
    slots.delete(gone);
    expect([...slots]).toEqual([next]);
  });
});
