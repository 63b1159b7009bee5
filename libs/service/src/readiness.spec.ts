import { describe, expect, it } from '@jest/globals';
import { Readiness } from './readiness.js';

describe('whether a service is ready', () => {
  it('is computed at most once a second, however often it is requested', async () => {
    let now = 0;
    let times = 0;
    const readiness = new Readiness(() => Promise.resolve(`missing for the ${++times}. time`), {
      now: () => now,
    });
    const ask = (): Promise<(string | undefined)[]> =>
      Promise.all([readiness.missing(), readiness.missing(), readiness.missing()]);
    expect(await ask()).toEqual(Array(3).fill('missing for the 1. time'));
    now = 999;
    expect(await ask()).toEqual(Array(3).fill('missing for the 1. time'));
    now = 1000;
    expect(await ask()).toEqual(Array(3).fill('missing for the 2. time'));
    expect(times).toBe(2);
  });

  it('is one check for all callers that wait for it, and another if it takes longer than a second', async () => {
    let now = 0;
    const answers: ((missing: string | undefined) => void)[] = [];
    const readiness = new Readiness(() => new Promise((resolve) => answers.push(resolve)), {
      now: () => now,
    });
    const first = [readiness.missing(), readiness.missing()];
    now = 5000;
    const second = [readiness.missing(), readiness.missing()];
    expect(answers).toHaveLength(2);
    answers[1]?.(undefined);
    answers[0]?.('the database');
    expect(await Promise.all([...first, ...second])).toEqual([
      'the database',
      'the database',
      undefined,
      undefined,
    ]);
  });
});
