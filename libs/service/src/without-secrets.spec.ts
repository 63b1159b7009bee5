import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { KeyFormat, newKeyId } from '#libs/key-format';
import { withoutSecrets } from './without-secrets.js';

const id = newKeyId();
const key = new KeyFormat({ prefix: 'sk_live', tagSecrets: ['x'] }).print(id).text;
const secretPart = key.slice(-46);

function encode(character: string): string {
  return `%${character.charCodeAt(0).toString(16)}`;
}

/** The text, decoded until nothing changes. */
function decoded(text: string): string {
  const once = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return once === text ? text : decoded(once);
}

describe('a text without secrets', () => {
  it.each([
    ['as it is', `/v1/${key}`],
    ['its underscores encoded', `/v1/sk%5Flive%5F${id}%5F${secretPart}`],
    ['those encoded twice', `/v1/sk%255Flive%255F${id}%255F${secretPart}`],
    ['each character encoded', `/v1/${Array.from(key, encode).join('')}`],
    ['one character encoded', `/v1/${key.slice(0, -20)}${encode(key.at(-20) ?? '')}${key.slice(-19)}`],
    ['without its prefix', `/v1/${id}_${secretPart}`],
    ['after another word', `/v1/TOKEN_${key}`],
    ['in a line of JSON', JSON.stringify({ err: `cannot read\n"${key}"` })],
  ])('has no key: %s', (_, text) => {
    expect(withoutSecrets(text, [])).toContain(`${id}_[redacted]`);
    expect(decoded(withoutSecrets(text, []))).not.toContain(secretPart);
  });

  it('has no key, whichever of its characters are encoded, and however often up to four times', () => {
    const times = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: key.length, maxLength: key.length });
    fc.assert(
      fc.property(times, fc.webPath(), (often, path) => {
        const written = Array.from(key, (character, at) => {
          let text = character;
          for (let i = 0; i < (often[at] ?? 0); i++)
            text = i === 0 ? encode(text) : text.replaceAll('%', '%25');
          return text;
        });
        const clean = withoutSecrets(`GET ${path}/${written.join('')} is refused`, []);
        expect(decoded(clean)).not.toContain(secretPart.slice(0, 8));
        expect(clean).toMatch(/^GET .* is refused$/);
      }),
    );
  });

  it('contains nothing that was encoded more than four times', () => {
    const often = `/v1/sk%252525255F${id}%252525255F${secretPart}`;
    expect(withoutSecrets(`GET ${often} is refused`, [])).toBe(
      'GET [percent-encoded more than 4 times] is refused',
    );
  });

  it('stays a line of JSON if a quote or line break was encoded', () => {
    const line = JSON.stringify({ path: `/v1/%22%0A%5C/${id}%5F${secretPart}` });
    expect(JSON.parse(withoutSecrets(line, []))).toEqual({ path: `/v1/"\n\\/${id}_[redacted]` });
  });

  it.each([
    ['postgres://keys:hunter2@db/keys', 'postgres://keys:[redacted]@db/keys'],
    ['postgres%3A%2F%2Fkeys:hunter2%40db', 'postgres://keys:[redacted]@db'],
    ['http://a/postgres://keys:hunter2@db', 'http://a/postgres://keys:[redacted]@db'],
    ['at redis://:hunter2@cache, down', 'at redis://:[redacted]@cache, down'],
    ['Bearer abcdefgh12345678', 'Bearer [redacted]'],
    ['Bearer%20abcdefgh12345678', 'Bearer [redacted]'],
    ['sent the%2Dmanage-token', 'sent [redacted]'],
    ['a hash $2b$12$abcdefghijklmnopqrstuvabcdefghijklmnopqrstuvabcdefghi', 'a hash [redacted]'],
  ])('has no password, token or hash: %s', (text, clean) => {
    expect(withoutSecrets(text, ['the-manage-token'])).toBe(clean);
  });

  it.each([
    'GET /v1/me by 0352dezfK9Gia0iM56jbgM, Bearer realm="api", tcp://127.0.0.1:3002, a user@example.com',
    '/v1/kb/notes/100%25%20caf%C3%A9 and 50% of it',
    `sk_live_${id}`,
  ])('is unchanged if there are none: %s', (text) => {
    expect(withoutSecrets(text, [])).toBe(text);
  });
});
