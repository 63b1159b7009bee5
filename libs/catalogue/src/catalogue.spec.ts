import { describe, expect, it } from '@jest/globals';
import { Catalogue } from './catalogue.js';
import type { CatalogueDocument } from './catalogue-document.js';
import { LE_BUREAU } from './le-bureau.js';

describe('the built-in catalogue', () => {
  it('preselects desktop:read and desktop:chat and nothing else', () => {
    const preselected = LE_BUREAU.capabilities.filter((capability) => capability.default);
    expect(preselected.map(({ name }) => name)).toEqual(['desktop:read', 'desktop:chat']);
  });

  it('marks desktop:control, and only it, as broad, and has it in no preset', () => {
    expect(LE_BUREAU.capabilities.filter(({ broad }) => broad).map(({ name }) => name)).toEqual([
      'desktop:control',
    ]);
    expect(LE_BUREAU.presets.flatMap(({ capabilities }) => capabilities)).not.toContain('desktop:control');
  });

  it('keeps the title and the realm that clients know', () => {
    expect([LE_BUREAU.title, LE_BUREAU.realm, String(LE_BUREAU)]).toEqual(['Le Bureau', 'api', 'Le Bureau']);
  });
});

describe('a selection', () => {
  it('has the order of the catalogue, without duplicates', () => {
    expect(LE_BUREAU.select(['kb:read', 'desktop:read', 'kb:read'])).toEqual({
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
    const selection = LE_BUREAU.select(names);
    expect(selection).toMatchObject({ outcome: 'refused', problem: expect.stringContaining(sentence) });
    expect(selection).toMatchObject({ problem: expect.stringContaining('kb:read.') });
  });
});

it('orders names as the catalogue does, and keeps those that it does not have', () => {
  expect(LE_BUREAU.ordered(['invoices:read', 'kb:read', 'a', 'desktop:read', 'kb:read'])).toEqual([
    'desktop:read',
    'kb:read',
    'invoices:read',
    'a',
  ]);
});

describe('the realm of challenges', () => {
  const document: CatalogueDocument = { title: '', groups: [], capabilities: [], presets: [] };

  it.each([
    ['Tidy Invoices', 'Tidy Invoices'],
    ['Société Générale', 'Societe Generale'],
    ['“Quotes” and "quotes" \\', 'Quotes and quotes'],
    ['請求書', 'api'],
  ])('is what a header can have of the title: %s', (title, realm) => {
    expect(new Catalogue({ ...document, title }).realm).toBe(realm);
  });
});
