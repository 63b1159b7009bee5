import { beforeEach, describe, expect, it } from '@jest/globals';
import { MAX_USES, type Uses } from '#libs/keys-contract';
import { SILENT } from '../log.js';
import { UsedKeys } from './used-keys.js';

const EVERY_MS = 20_000;

/** A report that the test answers. */
interface Reported {
  readonly uses: Uses;
  take(): Promise<void>;
  refuse(): Promise<void>;
}

let now: number;
let waits: { ms: number; end: () => void }[];
let reported: Reported[];
let used: UsedKeys;

/** Lets pending promises run. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

beforeEach(() => {
  now = 0;
  waits = [];
  reported = [];
  const clock = {
    now: () => now,
    wait: (ms: number, signal?: AbortSignal) =>
      new Promise<void>((end) => {
        waits.push({ ms, end });
        if (signal?.aborted === true) end();
        signal?.addEventListener('abort', () => end());
      }),
  };
  const report = (uses: Uses): Promise<void> =>
    new Promise((resolve, reject) => {
      const take = (): Promise<void> => (resolve(), settle());
      const refuse = (): Promise<void> => (reject(new Error('away')), settle());
      reported.push({ uses, take, refuse });
    });
  used = new UsedKeys({ reporter: { report }, clock, log: SILENT, everyMs: EVERY_MS, random: () => 0.5 });
  used.start();
});

/** Lets time pass until the next report is due. */
async function nextReport(): Promise<Reported> {
  const before = reported.length;
  now += waits.at(-1)?.ms ?? 0;
  waits.at(-1)?.end();
  await settle();
  const report = reported[before];
  if (report === undefined) throw new Error('nothing was reported');
  return report;
}

describe('the uses of keys', () => {
  it('are reported together, each by how long ago the last one was', async () => {
    used.note('a');
    now += 5000;
    used.note('b');
    now += 1000;
    used.note('a');
    const { uses } = await nextReport();
    expect(uses).toEqual({ a: EVERY_MS, b: EVERY_MS + 1000 });
    expect(reported).toHaveLength(1);
  });

  it('are not reported if there are none', async () => {
    await expect(nextReport()).rejects.toThrow('nothing was reported');
    used.note('a');
    await (await nextReport()).take();
    await expect(nextReport()).rejects.toThrow('nothing was reported');
  });

  it('are reported again after a report that failed, unless there was a later one', async () => {
    used.note('a');
    used.note('b');
    const first = await nextReport();
    now += 1000;
    used.note('b');
    await first.refuse();
    const { uses } = await nextReport();
    expect(uses).toEqual({ a: 2 * EVERY_MS + 1000, b: EVERY_MS });
  });

  it('are as many messages as it takes, and what was taken is not sent again', async () => {
    for (let i = 0; i < MAX_USES + 5; i++) used.note(`key ${i}`);
    const first = await nextReport();
    expect(Object.keys(first.uses)).toHaveLength(MAX_USES);
    await first.take();
    const second = await nextReport();
    expect(Object.keys(second.uses)).toHaveLength(5);
    await second.refuse();
    const again = await nextReport();
    expect(Object.keys(again.uses)).toEqual(Object.keys(second.uses));
  });

  it('are spread over an eighth of the interval, until the process is stopped', async () => {
    for (let i = 0; i < 3 * MAX_USES; i++) used.note(`key ${i}`);
    await (await nextReport()).take();
    expect(reported).toHaveLength(1);
    expect(waits.at(-1)?.ms).toBe(EVERY_MS / 8 / 3);
    await (await nextReport()).take();
    expect(reported).toHaveLength(2);
    const stopping = used.stop();
    await settle();
    expect(reported).toHaveLength(3);
    await reported[2]?.take();
    await stopping;
    expect(reported).toHaveLength(3);
  });

  it('are reported a last time when the process stops, including those during a report', async () => {
    used.note('a');
    const first = await nextReport();
    used.note('b');
    let hasStopped = false;
    const stopping = used.stop().then(() => (hasStopped = true));
    await first.take();
    expect(Object.keys(reported[1]?.uses ?? {})).toEqual(['b']);
    expect(hasStopped).toBe(false);
    await reported[1]?.refuse(); // once: a stopping process does not retry forever
    await stopping;
    expect(reported).toHaveLength(2);
  });

  it.each([
    [0, 0.9],
    [1, 1.1],
  ])('are reported at times that differ from gateway to gateway: %p', async (random, factor) => {
    const clock = {
      now: () => 0,
      wait: (ms: number) => new Promise<void>((end) => waits.push({ ms, end })),
    };
    const reporter = { report: () => Promise.resolve() };
    new UsedKeys({ reporter, clock, log: SILENT, everyMs: EVERY_MS, random: () => random }).start();
    await settle();
    expect(waits.at(-1)?.ms).toBeCloseTo(EVERY_MS * factor);
  });
});
