import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { KeyFormat } from './key-format.js';
import { findPastedKeyId, keyIdFromUuid, newKeyId } from './key-id.js';

const format = new KeyFormat({ prefix: 'sk_live', tagSecrets: ['the tag secret of this test, long enough'] });
const id = newKeyId();
const token = format.print(id).text;
const secret = token.slice(-46);

describe('the ID in a pasted text', () => {
  it.each([
    ['an id', id],
    ['its public part', `sk_live_${id}`],
    ['a key', token],
    ['a key of another prefix', token.replace('sk_live', 'acme')],
    ['a carriage return after it', `${token}\r`],
    ['a line break after it', `${token}\n`],
    ['a space before it', ` ${token}`],
    ['a no-break space before it', `\u00a0${token}`],
    ['a byte order mark before it', `\ufeff${token}`],
    ['a header', `Authorization: Bearer ${token}`],
    ['a Bearer token', `Bearer ${token}`],
    ['a comma after it', `${token},`],
    ['a period after it', `sk_live_${id}.`],
    ['quotes around it', `"${token}"`],
    ['a line of .env', `LE_BUREAU_KEY=${token}\r\n`],
    ['JSON', `{"token":"${token}"}`],
    ['brackets around it', `(${id})`],
    ['its end cut off', token.slice(0, -3)],
    ['all of its secret cut off', token.slice(0, -46)],
    ['more text after it', `${token}abc`],
    ['emphasis around it', `_${token}_`],
    ['the same key twice', `${token} ${token}`],
    ['a secret that is cut off where an id would end', token.slice(0, -24)],
  ])('is found: %s', (_, pasted) => {
    expect(findPastedKeyId(pasted)).toBe(id);
  });

  it.each([
    ['nothing', ''],
    ['a word', 'hello'],
    ['a secret alone', secret],
    ['a key whose id is cut off', token.slice(12)],
    ['a key whose prefix and half of its id are cut off', token.slice(20)],
    ['two keys', `${token} ${format.print(newKeyId()).text}`],
    ['an id of another version', keyIdFromUuid('0b0b1b0e-8b1c-4b6e-9a1f-0d6f7a3d2c11')],
    ['a number too large for an id', 'z'.repeat(22)],
    ['an id within something longer', `x${id}`],
    ['a text that is too long', `${token}${' '.repeat(1000)}`],
  ])('is not found: %s', (_, pasted) => {
    expect(findPastedKeyId(pasted)).toBeUndefined();
  });

  it('is never part of the secret after it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 46 }), fc.stringMatching(/^[ _,.\r\n-]{0,3}$/), (cut, end) => {
        const text = format.print(id).text;
        expect(findPastedKeyId(text.slice(0, text.length - cut) + end)).toBe(id);
      }),
    );
  });
});
