import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { type GenuineKey, KeyFormat, newKeyId } from '#libs/key-format';
import type { Exposure } from '#libs/keys-client';
import type { KeySighting } from '#libs/key-verifier';
import { VirtualClock, settle } from '#libs/testing';
import { PendingReports } from './pending-reports.js';
import { ANSWER_AFTER_MS, PublicReports } from './public-reports.js';

const SIGHTING: KeySighting = { source: 'public', url: null, address: '192.0.2.1', requestId: null };
const format = new KeyFormat({ prefix: 'sk_live', tagSecrets: ['a secret'] });
const stranger = new KeyFormat({ prefix: 'sk_live', tagSecrets: ['another'] });
const real = format.print(newKeyId()).text;
const forged = stranger.print(newKeyId()).text;

beforeAll(() => Logger.overrideLogger(false));
afterAll(() => Logger.overrideLogger(['log', 'error', 'warn']));

let clock: VirtualClock;
let isReachable: boolean;
/** How often keys was asked whether it can be reached. */
let questions: number;
/** What each report of a key results in. */
let outcomes: (() => Promise<Exposure>)[];
let reported: string[];
let pending: PendingReports;
let reports: PublicReports;

beforeEach(() => {
  clock = new VirtualClock();
  isReachable = true;
  questions = 0;
  outcomes = [];
  reported = [];
  const exposed = {
    find: (text: string): GenuineKey | undefined => {
      const key = format.read(text);
      return key.outcome === 'genuine' ? key : undefined;
    },
    canReport: () => Promise.resolve(++questions > 0 && isReachable),
    report: ({ text }: GenuineKey): Promise<Exposure> => {
      reported.push(text);
      return outcomes.shift()?.() ?? Promise.resolve({ outcome: 'revoked', wasUsable: true });
    },
  };
  pending = new PendingReports({ exposed, clock });
  reports = new PublicReports({ exposed, pending, clock });
});

const result = (outcome: 'busy' | 'refused') => (): Promise<Exposure> => Promise.resolve({ outcome });
const never = (): Promise<Exposure> => new Promise(() => undefined);

describe('the answer to a report', () => {
  it.each([
    ['of a forged key', forged, []],
    ['of a key', real, []],
    ['of a key that is unknown', real, [result('refused')]],
    ['of a key whose revoke takes long', real, [never]],
    ['of a key that keys is too busy for', real, [result('busy')]],
  ])('comes at the same moment: %s', async (_, text, first) => {
    outcomes.push(...first);
    let answered: boolean | undefined;
    void reports.take([text], SIGHTING).then((taken) => (answered = taken));
    while ((await clock.next()) < ANSWER_AFTER_MS) expect(answered).toBeUndefined();
    expect([clock.now(), answered]).toEqual([ANSWER_AFTER_MS, true]);
  });

  it.each([
    ['a forged key', forged],
    ['a key', real],
  ])('comes before %s is looked at, if keys cannot be reached', async (_, text) => {
    isReachable = false;
    expect(await reports.take([text], SIGHTING)).toBe(false);
    expect(reported).toEqual([]);
  });

  it('costs keys one question a second, however many reports there are', async () => {
    for (let i = 0; i < 100; i++) void reports.take([forged], SIGHTING);
    await settle();
    expect(questions).toBe(1);
    await clock.next();
    void reports.take([forged], SIGHTING);
    expect(questions).toBe(2);
  });
});

describe('a key that was reported', () => {
  it('is reported once, however often the text is there', async () => {
    void reports.take([real, real, forged], SIGHTING);
    await settle();
    expect(reported).toEqual([real]);
  });

  it('is reported again while keys is too busy, and not after that', async () => {
    outcomes = [result('busy'), result('busy')];
    void reports.take([real], SIGHTING);
    await clock.runOut();
    expect(reported).toEqual([real, real, real]);
  });

  it('is given up after ten minutes', async () => {
    outcomes = Array.from({ length: 100 }, () => result('busy'));
    void reports.take([real], SIGHTING);
    expect(await clock.runOut()).toBe(600_000);
    expect(reported).toHaveLength(16);
  });

  it('is tried once more when the gateway stops', async () => {
    outcomes = [result('busy'), result('busy')];
    void reports.take([real], SIGHTING);
    await settle();
    await pending.beforeApplicationShutdown();
    expect(reported).toHaveLength(2);
  });

  it('does not keep the gateway from stopping', async () => {
    outcomes = [never];
    pending.add([keyOf(real)], SIGHTING);
    let hasStopped = false;
    void pending.beforeApplicationShutdown().then(() => (hasStopped = true));
    expect(await clock.next()).toBe(2000);
    expect(hasStopped).toBe(true);
  });
});

it('so many keys are not remembered that they fill the memory', async () => {
  outcomes = Array.from({ length: 20_000 }, () => never);
  const keys = Array.from({ length: 6000 }, (_, i) => ({ ...keyOf(real), text: `key ${i}` }));
  for (let i = 0; i < 3; i++) pending.add(keys, SIGHTING);
  await settle();
  expect(reported).toHaveLength(10); // the first of the first 6,000: the others did not fit
});

function keyOf(text: string): GenuineKey {
  const key = format.read(text);
  if (key.outcome !== 'genuine') throw new Error('it is no key');
  return key;
}
