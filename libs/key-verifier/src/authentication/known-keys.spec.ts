import { describe, expect, it } from '@jest/globals';
import { KeyFormat, newKeyId } from '#libs/key-format';
import { KnownKeys } from './known-keys.js';

const format = new KeyFormat({ prefix: 'sk_live', tagSecrets: ['the tag secret of this test'] });
const id = newKeyId();
const { text } = format.print(id);
/** With the same ID and another secret. */
const { text: other } = format.print(id);

describe('a key that was found valid', () => {
  it('is recognized by its whole text, until it is no longer valid', () => {
    const keys = new KnownKeys(format);
    expect(keys.has(text)).toBe(false);
    keys.add(id, text);
    expect([keys.has(text), keys.has(other), keys.has('')]).toEqual([true, false, false]);
    keys.remove(id);
    expect(keys.has(text)).toBe(false);
  });
});
