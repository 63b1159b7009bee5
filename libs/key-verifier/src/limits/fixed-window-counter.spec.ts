import { beforeEach, describe, expect, it } from '@jest/globals';
import { FixedWindowCounter } from './fixed-window-counter.js';

let now: number;
let windows: FixedWindowCounter;
beforeEach(() => {
  now = 1000;
  windows = new FixedWindowCounter({ size: 3, now: () => now });
});

describe('a window', () => {
  it('begins with the first event of its name, and ends a minute later, whatever follows', () => {
    expect(windows.add('a')).toEqual({ count: 1, endsInMs: 60_000 });
    now += 59_999;
    expect(windows.add('a')).toEqual({ count: 2, endsInMs: 1 });
    expect(windows.get('a')).toEqual({ count: 2, endsInMs: 1 });
    now += 1;
    expect(windows.get('a')).toBeUndefined();
    expect(windows.add('a')).toEqual({ count: 1, endsInMs: 60_000 });
  });

  it('counts only its own name', () => {
    windows.add('a');
    windows.add('a');
    expect(windows.add('b').count).toBe(1);
    expect(windows.get('c')).toBeUndefined();
  });

  it('is included in countOf until it is over', () => {
    for (const name of ['a', 'a', 'a', 'b', 'b', 'c']) windows.add(name);
    expect([1, 2, 3, 4].map((count) => windows.countOf(count))).toEqual([3, 2, 1, 0]);
    now += 60_000;
    expect(windows.countOf(1)).toBe(0);
  });

  it('is forgotten if there are too many, the oldest first', () => {
    for (const name of ['a', 'b', 'c', 'a', 'd']) windows.add(name);
    expect(['a', 'b', 'c', 'd'].map((name) => windows.get(name)?.count)).toEqual([undefined, 1, 1, 1]);
  });

  it('takes no room once it is over', () => {
    windows.add('a');
    now += 30_000;
    windows.add('b');
    now += 30_000;
    windows.add('a'); // a new window, which begins after the other
    windows.add('c');
    expect(['a', 'b', 'c'].map((name) => windows.get(name)?.count)).toEqual([1, 1, 1]);
    windows.add('d');
    expect(['a', 'b', 'c', 'd'].map((name) => windows.get(name)?.count)).toEqual([1, undefined, 1, 1]);
  });
});
