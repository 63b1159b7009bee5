import { describe, expect, it } from '@jest/globals';
import { readCatalogue } from './read-catalogue.js';

const RIGHT = `title: Tidy Invoices
groups:
  - { name: invoices, title: Invoices }
capabilities:
  - name: invoices:read
    title: See invoices
    description: List invoices.
    group: invoices
    default: true
  - name: invoices:write
    title: Write invoices
    description: >
      Create
      and change.
    group: invoices
presets:
  - { name: clerk, title: Clerk, capabilities: ['invoices:write', 'invoices:read'] }
`;

/** The sentence about a catalogue in which a text was replaced. */
function problemWith(text: string, other: string): string {
  expect(RIGHT).toContain(text);
  const read = readCatalogue(RIGHT.replace(text, () => other));
  if (read.outcome === 'read') throw new Error('this catalogue was accepted');
  return read.problem;
}

describe('a catalogue', () => {
  it('is read from YAML', () => {
    const read = readCatalogue(RIGHT);
    expect(read).toMatchObject({
      outcome: 'read',
      catalogue: {
        title: 'Tidy Invoices',
        realm: 'Tidy Invoices',
        names: ['invoices:read', 'invoices:write'],
        capabilities: [
          { default: true, broad: false },
          { description: 'Create and change.', default: false },
        ],
        presets: [{ name: 'clerk' }],
      },
    });
  });

  it('may be JSON, and need no presets', () => {
    const json = {
      title: 'T',
      groups: [{ name: 'a', title: 'A', upstream: 'kb' }],
      capabilities: [{ name: 'a', title: 'A', description: 'D', group: 'a' }],
    };
    expect(readCatalogue(JSON.stringify(json))).toMatchObject({
      outcome: 'read',
      catalogue: { presets: [], groups: [{ upstream: 'kb' }] },
    });
  });

  it.each([
    [
      '{'.repeat(16_000),
      'line 1, column 11: this is not a catalogue: more than 10 brackets within one another',
    ],
    [
      'title: T\n' + '? '.repeat(8000),
      'line 2, column 1: this is not a catalogue: write names without "? " before them',
    ],
    [
      'a: "x\n y"\n]'.padEnd(16_000, ']'),
      'line 3, column 1: this is not valid YAML: nothing is open that ] could close',
    ],
    [
      'title: T\ngroups:\n  ' + '- '.repeat(8000),
      'line 3, column 23: this is not a catalogue: more than 10 lists within one another',
    ],
    [
      'title: T\n' + ': '.repeat(4000) + '\n[1,',
      'line 2, column 21: this is not a catalogue: more than 10 names within one another',
    ],
  ])('is refused at once where a parser would need minutes, or all of the stack: %#', (text, problem) => {
    expect(readCatalogue(text)).toEqual({ outcome: 'wrong', problem });
  });

  it('may have brackets in its texts', () => {
    const text = RIGHT.replace('List invoices.', '"]}? List {[{[{[{[{[{[ invoices."');
    expect(readCatalogue(text)).toMatchObject({ outcome: 'read' });
  });

  it('may have anchors', () => {
    const text = RIGHT.replace('name: invoices,', 'name: &group invoices,').replaceAll(
      'group: invoices',
      'group: *group',
    );
    expect(readCatalogue(text).outcome).toBe('read');
  });

  it('may have as many as 100 capabilities', () => {
    expect(readCatalogue(withCapabilities(100)).outcome).toBe('read');
    for (const count of [101, 10_000])
      expect(readCatalogue(withCapabilities(count))).toEqual({
        outcome: 'wrong',
        problem: 'line 3, column 15: capabilities must be a list of at most 100 capabilities',
      });
  });
});

function withCapabilities(count: number): string {
  const each = Array.from({ length: count }, (_, i) => ({
    name: `c:${i}`,
    title: 'T',
    description: 'D',
    group: 'a',
  }));
  return `title: T\ngroups: [{ name: a, title: A }]\ncapabilities: ${JSON.stringify(each)}\n`;
}

const NAME =
  'must be 1 to 64 lowercase letters, digits, ., _ and -, in parts separated by colons, such as invoices:read';

describe('a mistake in a catalogue', () => {
  it.each([
    [
      'a capability twice',
      'name: invoices:write',
      'name: invoices:read',
      'line 10, column 11: capabilities[1].name is used twice: rename or remove one "invoices:read"',
    ],
    [
      'an unknown field',
      '    default: true',
      '    preselected: true',
      'line 9, column 5: capabilities[0].preselected is unknown. A capability has: name, title, description, group, default, broad',
    ],
    [
      'an unknown field at the top',
      'presets:',
      'preset:',
      'line 16, column 1: preset is unknown. A catalogue has: title, realm, groups, capabilities, presets',
    ],
    [
      'a field twice',
      '    title: See invoices',
      '    name: See invoices',
      'line 6, column 5: this is not valid YAML: Map keys must be unique',
    ],
    [
      'a group that is not there',
      '    group: invoices\n    default',
      '    group: invoice\n    default',
      'line 8, column 12: capabilities[0].group names no group of the catalogue. Choose from: invoices',
    ],
    [
      'a capability of a preset that is not there',
      "'invoices:write', '",
      "'invoices:send', '",
      'line 17, column 49: presets[0].capabilities[0] names no capability of the catalogue. Choose from: invoices:read, invoices:write',
    ],
    [
      'a name of 65 characters',
      'name: invoices:write',
      `name: ${'a'.repeat(65)}`,
      `line 10, column 11: capabilities[1].name ${NAME}`,
    ],
    [
      'capitals in a name',
      'name: invoices:write',
      'name: Invoices:write',
      `line 10, column 11: capabilities[1].name ${NAME}`,
    ],
    ['an empty part of a name', 'name: invoices:write', "name: 'a::b'", `capabilities[1].name ${NAME}`],
    [
      'no title',
      'title: Tidy Invoices\n',
      '',
      'line 1, column 1: title is missing: it must be 1 to 60 characters on one line',
    ],
    [
      'a title of two lines',
      'title: Tidy Invoices',
      'title: "Tidy\\nInvoices"',
      'line 1, column 8: title must be 1 to 60 characters on one line',
    ],
    ['a title that is a number', 'title: Tidy Invoices', 'title: 1', 'title must be 1 to 60 characters'],
    [
      'a realm that would end the header',
      'groups:',
      `realm: 'a"b'\ngroups:`,
      'line 2, column 8: realm must be 1 to 60 printable ASCII characters without " and \\',
    ],
    ['yes for true', 'default: true', 'default: yes', 'capabilities[0].default must be true or false'],
    [
      'no description',
      '    description: List invoices.\n',
      '',
      'line 5, column 5: capabilities[0].description is missing: it must be 1 to 300 characters on one line',
    ],
    ['an alias of nothing', 'group: invoices', 'group: *group', 'this is not valid YAML: Unresolved alias'],
    ['a bracket that does not close', "'invoices:read'] }", "'invoices:read' }", 'this is not valid YAML: '],
    [
      'a group that is a text',
      '{ name: invoices, title: Invoices }',
      'invoices',
      'line 3, column 5: groups[0] must be fields, namely name, title, description, upstream',
    ],
  ])('is named with its place, and what would be right: %s', (_, text, other, problem) => {
    expect(problemWith(text, other)).toContain(problem);
  });

  it.each([
    ['nothing', '', 'line 1, column 1: the catalogue must be fields, namely title, realm'],
    ['a comment', '# invoices\n', 'the catalogue must be fields'],
    ['a list', '- title: T\n', 'line 1, column 1: the catalogue must be fields'],
    ['two documents', `${RIGHT}---\n${RIGHT}`, 'this is not valid YAML: '],
    ['no capabilities', 'title: T\ngroups: []\ncapabilities: []\n', 'a list of at least one capability'],
    [
      'aliases that would fill the memory',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefgh'].map((to, i) => `${to}: &${to} [${Array(9).fill(`*${'abcdefgh'[i]}`).join()}]`).join('\n')}\n`,
      'this is not valid YAML: Excessive alias count',
    ],
    ['what every object inherits', 'constructor: 1\n__proto__: { title: T }\n', 'constructor is unknown'],
  ])('is named even if that is all: %s', (_, text, problem) => {
    const read = readCatalogue(text);
    expect(read).toMatchObject({ outcome: 'wrong', problem: expect.stringContaining(problem) });
  });

  it('is the first one of several', () => {
    const text = RIGHT.replace('title: Clerk', 'titel: Clerk').replace('title: See', 'titel: See');
    expect(readCatalogue(text)).toMatchObject({ problem: expect.stringMatching(/^line 6, column 5: /) });
  });
});
