import { beforeEach, expect, it } from '@jest/globals';
import { type GenuineKey, KeyFormat, newKeyId } from '#libs/key-format';
import type { Exposure } from '#libs/keys-client';
import { VirtualClock, settle } from '#libs/testing';
import { ReportTokens } from './report-tokens.js';

const format = new KeyFormat({ prefix: 'sk_live', tagSecrets: ['a secret'] });
const [one, two] = [format.print(newKeyId()).text, format.print(newKeyId()).text];
const REVOKED: Exposure = { outcome: 'revoked', wasUsable: true };
const BUSY: Exposure = { outcome: 'busy' };

let clock: VirtualClock;
/** What the next reports of a key result in; then, it is revoked. */
let outcomes: Map<string, (Exposure | undefined)[]>;
let reported: string[];
let reportTokens: ReportTokens;

beforeEach(() => {
  clock = new VirtualClock();
  [outcomes, reported] = [new Map(), []];
  const exposed = {
    find: (text: string): GenuineKey | undefined => {
      const key = format.read(text);
      return key.outcome === 'genuine' ? key : undefined;
    },
    report: ({ text }: GenuineKey): Promise<Exposure> => {
      reported.push(text);
      const next = outcomes.get(text)?.shift();
      return Promise.resolve(next ?? REVOKED);
    },
  };
  reportTokens = new ReportTokens({ exposed, clock });
});

const report = (...tokens: string[]): Promise<readonly boolean[]> =>
  reportTokens.execute(
    tokens.map((token) => ({ token, type: 't', url: null })),
    { ip: '192.0.2.1', id: 'request' },
    'github',
  );

it('tells which tokens are keys, in their order', async () => {
  outcomes.set(two, [{ outcome: 'refused' }]);
  expect(await report('x', one, two, 'y', one)).toEqual([false, true, false, false, true]);
});

it('reports keys again that keys was too busy for, and only those', async () => {
  outcomes.set(two, [BUSY, BUSY, { outcome: 'refused' }]);
  const found = report(one, two);
  await settle();
  await clock.next();
  await clock.next();
  expect(await found).toEqual([true, false]);
  expect(reported).toEqual([one, two, two, two]);
});

it('gives up after 25 seconds, before GitHub does', async () => {
  outcomes.set(one, Array<Exposure>(1000).fill(BUSY));
  const found = report(one);
  const refused = expect(found).rejects.toMatchObject({ code: 'unavailable', reason: 'exposure_not_done' });
  while ((await clock.next()) < 25_000);
  await refused;
});

it('gives up at once if keys cannot be reached', async () => {
  outcomes.set(two, [{ outcome: 'unavailable', cause: new Error('down') }]);
  await expect(report(one, two)).rejects.toMatchObject({ code: 'unavailable' });
});
