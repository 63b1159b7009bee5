import { randomBytes } from 'node:crypto';

/** Digits before letters and capitals before small letters, so that texts of equal length sort as their numbers do. */
export const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

const BASE = BigInt(ALPHABET.length);

/** The largest multiple of 62 that fits a byte. Larger bytes are discarded: `% 62` would favor the first eight characters. */
const UNBIASED_BYTES = 256 - (256 % ALPHABET.length);

/** `length` independent, uniformly distributed base62 characters from the system's cryptographic generator. */
export function randomBase62(length: number, random: (bytes: number) => Buffer = randomBytes): string {
  let text = '';
  while (text.length < length) {
    for (const byte of random(length - text.length)) {
      if (byte < UNBIASED_BYTES) text += ALPHABET.charAt(byte % ALPHABET.length);
    }
  }
  return text;
}

/** `value` as exactly `length` characters; throws a RangeError if it needs more or is negative. */
export function encodeBase62(value: bigint, length: number): string {
  if (value < 0n) throw new RangeError('base62 cannot encode a negative number');
  let rest = value;
  let text = '';
  for (let i = 0; i < length; i++) {
    text = ALPHABET.charAt(Number(rest % BASE)) + text;
    rest /= BASE;
  }
  if (rest > 0n) throw new RangeError(`the number needs more than ${length} base62 characters`);
  return text;
}

/** How many characters a number can represent exactly: 62^8 is below 2^53. */
const CHUNK = 8;

/** The number that `text` encodes; throws a RangeError for a character outside the alphabet. */
export function decodeBase62(text: string): bigint {
  let value = 0n;
  // Big integers are slow, and every verification decodes an ID: they only combine the chunks.
  for (let at = 0; at < text.length; at += CHUNK) {
    const chunk = text.slice(at, at + CHUNK);
    let number = 0;
    for (const character of chunk) {
      const digit = ALPHABET.indexOf(character);
      if (digit < 0) throw new RangeError('not a base62 character');
      number = number * ALPHABET.length + digit;
    }
    value = value * BASE ** BigInt(chunk.length) + BigInt(number);
  }
  return value;
}
