import { beforeEach, describe, expect, it } from '@jest/globals';
import type { VerifyClient } from '#libs/keys-client';
import { SetupCheck } from './setup-check.js';

type Answer<Question extends 'catalogue' | 'tagSecrets'> = Awaited<ReturnType<VerifyClient[Question]>>;

let catalogue: Answer<'catalogue'>;
let tagSecrets: Answer<'tagSecrets'>;
let logged: string[];
/** The pauses between two checks, in milliseconds, and what ends the current one. */
let pauses: number[];
let endPause: () => void;
let setup: SetupCheck;

beforeEach(() => {
  [logged, pauses] = [[], []];
  catalogue = { outcome: 'known', capabilities: ['invoices:read', 'invoices:write'] };
  tagSecrets = { outcome: 'known', fingerprints: ['new', 'old'] };
  const log = (level: string) => (entry: string | object) =>
    void logged.push(`${level}: ${JSON.stringify(entry)}`);
  setup = new SetupCheck({
    client: { catalogue: () => Promise.resolve(catalogue), tagSecrets: () => Promise.resolve(tagSecrets) },
    clock: {
      now: () => 0,
      wait: (ms) =>
        new Promise((resolve) => {
          pauses.push(ms);
          endPause = resolve;
        }),
    },
    log: { debug: log('debug'), warn: log('warn'), error: log('error') },
    keysUrl: 'tcp://keys:3002',
    tagFingerprints: ['newer', 'new', 'old'],
  });
});

describe('the setup of a guard', () => {
  it('is right if keys knows what routes require, and the guard has all tag secrets of keys', async () => {
    setup.declare('GET /a', { opens: 'to capabilities', required: ['invoices:read'] });
    setup.declare('GET /b', { opens: 'to any capability of', accepted: ['invoices:read', 'invoices:write'] });
    setup.declare('GET /c', { opens: 'to any valid key' });
    await setup.check();
    expect(setup.mistakes).toEqual([]);
    expect(logged).toEqual([]);
  });

  it('has a mistake for each capability that no key can have, logged once, until keys has it', async () => {
    setup.declare('GET /a', { opens: 'to capabilities', required: ['invoices:read', 'invoices:raed'] });
    setup.declare('GET /b', {
      opens: 'to any capability of',
      accepted: ['invoices:delete', 'invoices:read'],
    });
    await setup.check();
    await setup.check();
    const sentence = (capability: string, route: string): string =>
      `No key can have ${capability}, which ${route} requires: it is not in the catalogue of the keys service.`;
    const [one, other] = [sentence('invoices:raed', 'GET /a'), sentence('invoices:delete', 'GET /b')];
    expect(setup.mistakes).toEqual([
      { concerns: 'capabilities', sentence: one },
      { concerns: 'capabilities', sentence: other },
    ]);
    expect(logged).toEqual([`error: "${one}"`, `error: "${other}"`]);

    catalogue = { outcome: 'known', capabilities: ['invoices:read', 'invoices:raed'] };
    await setup.check();
    expect(setup.mistakes).toEqual([{ concerns: 'capabilities', sentence: other }]);
    expect(logged.slice(2)).toEqual([`warn: "No longer so: ${one}"`]);
  });

  it.each([
    [['another', 'old'], 'new keys'],
    [['new', 'another'], 'older keys'],
  ])('has a mistake if keys has a tag secret that the guard has not: %p', async (fingerprints, which) => {
    tagSecrets = { outcome: 'known', fingerprints };
    await setup.check();
    expect(setup.mistakes).toEqual([
      {
        concerns: 'tag secrets',
        sentence: `The tag secrets differ from those of keys: ${which} are refused as forged. Set KEY_TAG_SECRET to what the keys service has, and pass all of it.`,
      },
    ]);
  });

  it('is not judged by a keys service that cannot tell', async () => {
    setup.declare('GET /a', { opens: 'to capabilities', required: ['invoices:raed'] });
    catalogue = tagSecrets = { outcome: 'unknown' };
    await setup.check();
    expect(setup.mistakes).toEqual([]);
  });

  it('has a mistake while keys has never answered, and is compared again soon; later on it may be gone', async () => {
    const right = tagSecrets;
    const cause = new Error('the token of the verification RPC is wrong');
    catalogue = tagSecrets = { outcome: 'unavailable', cause };
    setup.start();
    const sentence =
      'Keys cannot be verified: the keys service at tcp://keys:3002 cannot be asked, because the token of the verification RPC is wrong';
    while (pauses.length < 1) await Promise.resolve();
    expect(setup.mistakes).toEqual([{ concerns: 'keys', sentence }]);

    [catalogue, tagSecrets] = [{ outcome: 'unknown' }, right];
    endPause();
    while (pauses.length < 2) await Promise.resolve();
    expect(setup.mistakes).toEqual([]);

    catalogue = tagSecrets = { outcome: 'unavailable', cause };
    endPause();
    while (pauses.length < 3) await Promise.resolve();
    expect(pauses).toEqual([5000, 60_000, 60_000]);
    expect(logged).toEqual([`error: "${sentence}"`, `warn: "No longer so: ${sentence}"`]);
    const stopped = setup.stop();
    endPause();
    await stopped;
  });
});
