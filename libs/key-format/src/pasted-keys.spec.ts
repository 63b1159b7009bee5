import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { randomBase62 } from './base62.js';
import { KeyFormat } from './key-format.js';
import { keyIdFromUuid, newKeyId } from './key-id.js';
import { findPastedKeys } from './pasted-keys.js';

const format = new KeyFormat({ prefix: 'sk_live', tagSecrets: ['the tag secret of this test'] });
const acme = new KeyFormat({ prefix: 'acme', tagSecrets: ['another tag secret of this test'] });
const id = newKeyId();
const token = format.print(id).text;
const other = newKeyId();
const otherToken = acme.print(other).text;

describe('the keys in a text', () => {
  it.each([
    ['one', token],
    ['a log line with two', `{"a":"Bearer ${token}","b":"${otherToken}"}`, other],
    ['two on lines of their own', `${token}\r\n${otherToken}\r\n`, other],
    ['two with an underscore between them', `${token}_${otherToken}`, other],
    ['the same twice', `${token} ${token}`],
    ['in a name', `LE_BUREAU_KEY_${token}_`],
    ['URL-encoded', `?key=%22${token}%22`],
    ['escaped', String.raw`"\n${token}\n"`],
    ['with more text after it', `${token}abc`],
    ['a public part', `sk_live_${id}`],
    ['a bare ID', `"keyId":"${id}"`],
    ['its end cut off', token.slice(0, -3)],
    ['its secret cut off where an ID would end', token.slice(0, -24)],
    ['wrapped at the end of a line', `${token.slice(0, 50)}\n${token.slice(50)}`],
    ['without its prefix', token.slice(8)],
    ['whole, and mistyped elsewhere', `${token.slice(0, -1)}! ${token}`],
  ])('are found: %s', (_, text, ...more) => {
    expect(findPastedKeys(text)).toEqual({ ids: [id, ...more], mistyped: [] });
  });

  it.each([
    ['nothing', ''],
    ['words', 'hello_world and nothing else'],
    ['a secret alone', token.slice(-46)],
    ['the rest of a key whose ID is cut off', token.slice(12)],
    ['an ID of another version', keyIdFromUuid('0b0b1b0e-8b1c-4b6e-9a1f-0d6f7a3d2c11')],
    ['an ID of 1970', keyIdFromUuid('00000000-0000-7000-8000-0d6f7a3d2c11')],
    ['an ID within something longer', `x${id}`],
    ['random text of a key’s form', `sk_live_${'0'.repeat(22)}_${randomBase62(46)}`],
  ])('are none: %s', (_, text) => {
    expect(findPastedKeys(text)).toEqual({ ids: [], mistyped: [] });
  });

  it('are told from a whole key with a wrong checksum', () => {
    const wrong = token.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    expect(findPastedKeys(wrong)).toEqual({ ids: [], mistyped: [id] });
    expect(findPastedKeys(token.replace('sk_live', 'sk_life'))).toEqual({ ids: [], mistyped: [id] });
  });

  it('are found among millions of characters, whatever these are', () => {
    const filler = ['_', '0', 'a_', `${newKeyId().slice(1)}_`, randomBytes(99).toString('base64')];
    for (const text of filler) {
      const long = text.repeat(Math.ceil(2_000_000 / text.length));
      expect(findPastedKeys(`${long} ${token} ${long}`).ids).toContain(id);
    }
  });
});
