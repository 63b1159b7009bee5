import { describe, expect, it } from '@jest/globals';
import {
  CAPABILITIES,
  CAPABILITY_NAMES,
  DEFAULT_CAPABILITIES,
  selectCapabilities,
  sharedCapabilities,
} from './capabilities.js';

describe('the catalogue', () => {
  it('has exactly these, in the order in which they are shown', () => {
    expect(CAPABILITY_NAMES).toEqual([
      'desktop:read',
      'desktop:lifecycle',
      'desktop:control',
      'desktop:chat',
      'schedule:read',
      'schedule:write',
      'kb:read',
    ]);
  });

  it('preselects desktop:read and desktop:chat and nothing else', () => {
    expect(DEFAULT_CAPABILITIES).toEqual(['desktop:read', 'desktop:chat']);
  });

  it('marks desktop:control, and only it, as broad', () => {
    expect(CAPABILITIES.filter(({ broad }) => broad).map(({ name }) => name)).toEqual(['desktop:control']);
  });
});

describe('a selection', () => {
  it('has the order of the catalogue, without duplicates', () => {
    expect(selectCapabilities(['kb:read', 'desktop:read', 'kb:read'])).toEqual({
      outcome: 'selected',
      capabilities: ['desktop:read', 'kb:read'],
    });
  });

  it.each([
    ['none', [], 'A key needs at least one capability. Choose from: desktop:read, '],
    [
      'an unknown one',
      ['desktop:read', 'desktop:delete'],
      'Unknown capability "desktop:delete". Choose from: ',
    ],
    ['another case', ['Desktop:Read'], 'Unknown capability "Desktop:Read".'],
    ['a very long one', ['x'.repeat(10_000)], `Unknown capability "${'x'.repeat(40)}".`],
  ])('is refused with a sentence that lists the known ones: %s', (_, names, sentence) => {
    const selection = selectCapabilities(names);
    expect(selection).toMatchObject({ outcome: 'refused', problem: expect.stringContaining(sentence) });
    expect(selection).toMatchObject({ problem: expect.stringContaining('kb:read.') });
  });
});

it('sharedCapabilities returns the same array for the same names in any order', () => {
  const capabilities = sharedCapabilities(['kb:read', 'desktop:read']);
  expect(capabilities).toEqual(['desktop:read', 'kb:read']);
  expect(sharedCapabilities(['desktop:read', 'kb:read'])).toBe(capabilities);
  expect(sharedCapabilities(['desktop:read'])).not.toBe(capabilities);
});
