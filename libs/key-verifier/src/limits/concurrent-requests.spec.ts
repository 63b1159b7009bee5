import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ConcurrentRequests, type OpenCount } from './concurrent-requests.js';

describe('the open requests of one key', () => {
  it('can always reach their maximum and never exceed it', () => {
    const ids = fc.constantFrom('a', 'b', 'c');
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), fc.array(fc.tuple(ids, fc.boolean())), (max, steps) => {
        const requests = new ConcurrentRequests(max);
        const open: Record<string, OpenCount[]> = { a: [], b: [], c: [] };
        for (const [id, begins] of steps) {
          const mine = open[id] ?? [];
          if (begins) {
            const count = requests.begin(id);
            expect(count !== undefined).toBe(mine.length < max);
            if (count !== undefined) mine.push(count);
          } else {
            const over = mine.pop();
            if (over !== undefined) requests.end(over);
          }
        }
      }),
    );
  });

  it('take memory only while they are open', () => {
    const requests = new ConcurrentRequests(1);
    const held = requests.begin('held');
    for (let i = 0; i < 100_000; i++) {
      const count = requests.begin(`key ${i}`);
      if (count !== undefined) requests.end(count);
    }
    expect(requests.size).toBeLessThanOrEqual(1000);
    expect(held).toEqual({ open: 1 });
    expect(requests.begin('held')).toBeUndefined();
  });
});
