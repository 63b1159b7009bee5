import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ReportedActivity } from '#libs/keys-contract';
import { SILENT } from '../log.js';
import { KeyActivity, type Made } from './key-activity.js';

let now: number;
let due: () => void;
let reported: ReportedActivity[][];
let isDown: boolean;
let activity: KeyActivity;

beforeEach(() => {
  now = 0;
  reported = [];
  isDown = false;
  const clock = { now: () => now, wait: () => new Promise<void>((end) => (due = end)) };
  const reportActivity = (told: readonly ReportedActivity[]): Promise<void> => {
    reported.push([...told]);
    return isDown ? Promise.reject(new Error('away')) : Promise.resolve();
  };
  activity = new KeyActivity({ reporter: { reportActivity }, clock, log: SILENT, everyMs: 20_000 });
  activity.start();
});

const made: Made = { keyId: 'a', route: 'GET /v1/me', status: 200, address: '192.0.2.1' };

async function nextReport(): Promise<ReportedActivity[]> {
  due();
  await new Promise((resolve) => setImmediate(resolve));
  return reported.at(-1) ?? [];
}

describe('the activity of a key', () => {
  it('is counted by route, status and address, with the ages of the first and the last', async () => {
    activity.note(made);
    now = 4000;
    activity.note(made);
    activity.note({ ...made, status: 403, route: 'GET /v1/schedules' });
    activity.note({ ...made, address: '192.0.2.2' });
    now = 10_000;
    const once = { count: 1, firstAgoMs: 6000, lastAgoMs: 6000 };
    expect(await nextReport()).toEqual([
      { ...made, count: 2, firstAgoMs: 10_000, lastAgoMs: 6000 },
      { ...made, status: 403, route: 'GET /v1/schedules', ...once },
      { ...made, address: '192.0.2.2', ...once },
    ]);
  });

  it('is reported again after a report that failed, together with what came since', async () => {
    activity.note(made);
    isDown = true;
    now = 1000;
    await nextReport();
    isDown = false;
    activity.note(made);
    now = 3000;
    expect(await nextReport()).toEqual([{ ...made, count: 2, firstAgoMs: 3000, lastAgoMs: 2000 }]);
    due();
    await new Promise((resolve) => setImmediate(resolve));
    expect(reported).toHaveLength(2);
  });

  it('is counted without addresses beyond a hundred per key', async () => {
    for (let i = 0; i < 1000; i++) activity.note({ ...made, address: `192.0.${i >> 8}.${i & 255}` });
    activity.note({ ...made, keyId: 'b' });
    const told = await nextReport();
    expect(told).toHaveLength(102);
    expect(told.find(({ address }) => address === '')).toMatchObject({ keyId: 'a', count: 900 });
    expect(told.find(({ keyId }) => keyId === 'b')).toMatchObject({ address: made.address, count: 1 });
  });
});
