import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ALPHABET, randomBase62 } from './base62.js';
import { KeyFormat } from './key-format.js';
import { findKeyId, isKeyId, keyIdFromUuid, keyIdToUuid, newKeyId } from './key-id.js';

const format = new KeyFormat({ prefix: 'sk_live', tagSecrets: ['the tag secret of this test, long enough'] });

const keyIds = fc.uuid().map(keyIdFromUuid);
const printedKeys = keyIds.map((id) => ({ id, ...format.print(id) }));

describe('a printed key', () => {
  it('is 77 characters: a prefix and base62', () => {
    expect(format.print(newKeyId()).text).toMatch(/^sk_live_[0-9A-Za-z]{22}_[0-9A-Za-z]{46}$/);
  });

  it('reads back as what was printed', () => {
    fc.assert(
      fc.property(printedKeys, ({ id, text, secret }) => {
        expect(format.read(text)).toMatchObject({ outcome: 'genuine', id, secret, text });
      }),
    );
  });

  it('can still be read if the first version printed it', () => {
    const text = 'sk_live_02yeYzPN3BerO3nWrb8KnH_2ZWSajQdMzpCXz0cuFAMq6f16QEf1IjMoKYRZ41U0VElca';
    expect(format.read(text)).toMatchObject({ outcome: 'genuine', text });
  });

  it('has its ID where extractId looks for it', () => {
    fc.assert(fc.property(printedKeys, ({ id, text }) => expect(format.extractId(text)).toBe(id)));
  });

  it('can be read with any prefix', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z][a-z0-9]{0,5}(_[a-z0-9]{1,5}){0,2}$/), keyIds, (prefix, id) => {
        const other = new KeyFormat({ prefix, tagSecrets: ['secret'] });
        expect(other.read(other.print(id).text)).toMatchObject({ outcome: 'genuine', id });
      }),
    );
  });

  it('cannot be read if any single character changes', () => {
    const replacement = fc.oneof(
      fc.constantFrom(...ALPHABET, '_', '-', ' '),
      fc.string({ minLength: 1, maxLength: 1 }),
    );
    fc.assert(
      fc.property(printedKeys, fc.nat(76), replacement, ({ text }, at, character) => {
        fc.pre(text[at] !== character);
        const changed = text.slice(0, at) + character + text.slice(at + 1);
        expect(format.read(changed).outcome).toMatch(/^(malformed|mistyped)$/);
      }),
      { numRuns: 5000 },
    );
  });

  it('cannot be read if a character is added, lost or swapped with its neighbor', () => {
    fc.assert(
      fc.property(printedKeys, fc.nat(75), ({ text }, at) => {
        expect(format.read(text.slice(0, at) + text.slice(at + 1)).outcome).toBe('malformed');
        expect(format.read(text.slice(0, at) + 'x' + text.slice(at)).outcome).toBe('malformed');
        const swapped = text.slice(0, at) + text.charAt(at + 1) + text.charAt(at) + text.slice(at + 2);
        fc.pre(swapped !== text);
        expect(format.read(swapped).outcome).not.toBe('genuine');
      }),
    );
  });

  it('has a digest that differs from that of another key with the same ID', () => {
    const id = newKeyId();
    const [one, other] = [format.read(format.print(id).text), format.read(format.print(id).text)];
    if (one.outcome !== 'genuine' || other.outcome !== 'genuine') throw new Error('both are genuine');
    expect(one.digest).not.toBe(other.digest);
  });
});

describe('a key that is not ours', () => {
  it('is forged, whatever its checksum says', () => {
    const attacker = new KeyFormat({ prefix: 'sk_live', tagSecrets: ['a guess'] });
    fc.assert(
      fc.property(keyIds, (id) => expect(format.read(attacker.print(id).text).outcome).toBe('forged')),
    );
  });

  it.each([
    ['nothing', ''],
    ['a word', 'hello'],
    ['another prefix', 'sk_test_' + '0'.repeat(22) + '_' + '0'.repeat(46)],
    ['a line break after it', format.print(newKeyId()).text + '\n'],
  ])('is malformed: %s', (_, text) => {
    expect(format.read(text).outcome).toBe('malformed');
  });

  it('is malformed if its ID is not a 128-bit number, even with a genuine tag', () => {
    const impossible = 'z'.repeat(22);
    expect(isKeyId(impossible)).toBe(false);
    // @ts-expect-error: a text that is no id, as only broken code of ours could print it
    expect(format.read(format.print(impossible).text).outcome).toBe('malformed');
  });
});

describe('tag secrets', () => {
  it('rotate: the first signs, all verify, a removed one no longer does', () => {
    const before = new KeyFormat({ prefix: 'sk_live', tagSecrets: ['old'] });
    const during = new KeyFormat({ prefix: 'sk_live', tagSecrets: ['new', 'old'] });
    const after = new KeyFormat({ prefix: 'sk_live', tagSecrets: ['new'] });
    const [old, fresh] = [before.print(newKeyId()).text, during.print(newKeyId()).text];
    expect(during.read(old).outcome).toBe('genuine');
    expect(during.read(fresh).outcome).toBe('genuine');
    expect(after.read(fresh).outcome).toBe('genuine');
    expect(after.read(old).outcome).toBe('forged');
  });

  it('have fingerprints of their own, whatever the prefix, short and of one form', () => {
    const of = (prefix: string, ...tagSecrets: string[]) =>
      new KeyFormat({ prefix, tagSecrets }).tagFingerprints;
    const [one = '', two = ''] = of('sk_live', 'the one secret', 'the other secret');
    expect([one, two]).toEqual([
      expect.stringMatching(/^[0-9a-f]{16}$/),
      expect.stringMatching(/^[0-9a-f]{16}$/),
    ]);
    expect(one).not.toBe(two);
    expect(of('sk_test', 'the other secret')).toEqual([two]);
  });

  it('are required', () => {
    expect(() => new KeyFormat({ prefix: 'sk_live', tagSecrets: [] })).toThrow('at least one tag secret');
  });
});

describe('the random alphabet', () => {
  it('is unbiased: each character comes from the same number of byte values', () => {
    const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const counts = new Map<string, number>();
    for (const character of randomBase62(248, () => everyByte))
      counts.set(character, (counts.get(character) ?? 0) + 1);
    expect([...counts.keys()].sort().join('')).toBe([...ALPHABET].sort().join(''));
    expect(new Set(counts.values())).toEqual(new Set([4]));
  });

  it('shows no bias in 620,000 characters (chi-squared, 61 degrees of freedom)', () => {
    const expected = 10_000;
    const counts = new Map<string, number>();
    for (const character of randomBase62(62 * expected))
      counts.set(character, (counts.get(character) ?? 0) + 1);
    const chiSquared = [...ALPHABET].reduce(
      (sum, c) => sum + ((counts.get(c) ?? 0) - expected) ** 2 / expected,
      0,
    );
    // A fair source exceeds 150 less than once in 10^8 runs; `% 62` on whole bytes gives over 4,000.
    expect(chiSquared).toBeLessThan(150);
  });
});

describe('a key id', () => {
  it('can be converted to a UUID and back', () => {
    fc.assert(fc.property(fc.uuid(), (uuid) => expect(keyIdToUuid(keyIdFromUuid(uuid))).toBe(uuid)));
  });

  it('can be any 128-bit number, but no larger one', () => {
    const largest = keyIdFromUuid('ffffffff-ffff-ffff-ffff-ffffffffffff');
    expect(isKeyId(largest)).toBe(true);
    expect(isKeyId(largest.slice(0, -1) + String.fromCharCode(largest.charCodeAt(21) + 1))).toBe(false);
    expect(isKeyId('0'.repeat(22))).toBe(true);
  });

  it('is found in an ID, a public part and a whole key, and nowhere else', () => {
    const id = newKeyId();
    expect(findKeyId(id)).toBe(id);
    expect(findKeyId(format.publicPart(id))).toBe(id);
    expect(findKeyId(format.print(id).text)).toBe(id);
    expect(findKeyId('sk_live_')).toBeUndefined();
    expect(findKeyId('z'.repeat(22))).toBeUndefined();
    expect(findKeyId('../' + id)).toBeUndefined();
  });
});
