import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { KeyFormat, findPastedKeyId, keyIdToUuid, newKeyId } from '#libs/key-format';
import { scannerRules } from './scanner-rules.js';

const PREFIXES = ['sk_live', 'acme', 'a1_b2_c3'];

/** What RE2, Hyperscan and JavaScript read alike: literal characters, one class, and fixed counts. */
const PORTABLE = /^(?:[a-z0-9_]|\[0-9A-Za-z\]\{\d+\})+$/;

/** As scanners use it: anywhere in a text. */
function matchesOf(prefix: string, text: string): string[] {
  return text.match(new RegExp(scannerRules(prefix).regex, 'g')) ?? [];
}

function print(prefix: string): string {
  return new KeyFormat({ prefix, tagSecrets: ['the tag secret of this test'] }).print(newKeyId()).text;
}

describe.each(PREFIXES)('the expression for scanners, with the prefix %s', (prefix) => {
  const key = print(prefix);

  it('has only syntax that all engines share, and a fixed length', () => {
    expect(scannerRules(prefix).regex).toMatch(PORTABLE);
  });

  it.each([
    ['alone', key],
    ['in an assignment', `export KEY_${key}`],
    ['in a URL', `?next=%22${key}%22`],
    ['in escaped text', String.raw`{"log":"\n${key}\n"}`],
    ['twice', `${key} ${key}`],
  ])('matches a key %s', (_, text) => {
    expect(new Set(matchesOf(prefix, text))).toEqual(new Set([key]));
  });

  it('matches neither the public part of a key, nor a cut key, nor one of another prefix', () => {
    expect(matchesOf(prefix, key.slice(0, -47))).toEqual([]);
    expect(matchesOf(prefix, key.slice(0, -1))).toEqual([]);
    expect(matchesOf(prefix, key.slice(1))).toEqual([]);
    expect(matchesOf(prefix, print('other'))).toEqual([]);
  });

  it('is the one in each rule, with a keyword that every key contains', () => {
    const { regex, gitleaks, trufflehog, github } = scannerRules(prefix);
    const [detector] = parse(trufflehog).detectors;
    expect(detector).toMatchObject({ keywords: [`${prefix}_`], regex: { key: regex } });
    expect(gitleaks).toContain(`regex = '''${regex}'''\nkeywords = ["${prefix}_"]`);
    expect(github).toContain(`Secret format: ${regex}\n`);
  });

  it('matches test keys with the right checksum, which nobody has issued', () => {
    const keys = scannerRules(prefix)['test-keys'].split('\n');
    expect(new Set(keys).size).toBe(2);
    const format = new KeyFormat({ prefix, tagSecrets: ['the tag secret of this test'] });
    for (const key of keys) {
      expect(matchesOf(prefix, key)).toEqual([key]);
      expect(format.read(key)).toEqual({ outcome: 'forged' });
      const id = findPastedKeyId(key);
      expect(id === undefined ? '' : keyIdToUuid(id)).toMatch(/^00000000-0000-7/);
    }
  });
});
