import { v7 } from 'uuid';
import { decodeBase62, encodeBase62 } from './base62.js';

declare const keyIdBrand: unique symbol;

/**
 * A key's public ID: its UUIDv7 (RFC 9562 section 5.7) as 22 base62 characters, as in the key's text. It may be logged and
 * shown; it is not a credential.
 */
export type KeyId = string & { readonly [keyIdBrand]: true };

export const KEY_ID_LENGTH = 22;

const SHAPE = /^[0-9A-Za-z]{22}$/;
const LARGEST_ID = encodeBase62((1n << 128n) - 1n, KEY_ID_LENGTH);

/** A new ID. IDs sort by the millisecond they were created in. */
export function newKeyId(): KeyId {
  return keyIdFromUuid(v7());
}

/** Whether `text` is a 128-bit number as exactly 22 base62 characters. */
export function isKeyId(text: string): text is KeyId {
  // Texts of equal length sort as their numbers do, and comparing them is faster than big integers.
  return SHAPE.test(text) && text <= LARGEST_ID;
}

/** The ID for a UUID in the notation of RFC 9562 section 4; throws if the text is none. */
export function keyIdFromUuid(uuid: string): KeyId {
  const id = encodeBase62(BigInt(`0x${uuid.replaceAll('-', '')}`), KEY_ID_LENGTH);
  if (!isKeyId(id)) throw new RangeError('not a UUID');
  return id;
}

/** The ID as the UUID that PostgreSQL stores. */
export function keyIdToUuid(id: KeyId): string {
  const hex = decodeBase62(id).toString(16).padStart(32, '0');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** The maximum length of a pasted text, in characters: longer than anything that people paste a key with. */
const MAX_PASTED = 1000;

/** Whether an ID is a UUID of version 7 (RFC 9562 section 5.7), as one in 64 random ones is. */
export function isUuidV7(id: KeyId): boolean {
  return /^.{14}7.{4}[89ab]/.test(keyIdToUuid(id));
}

/**
 * The ID in whatever people paste: a key in quotes, after `Bearer `, with a line break at its end, or cut off. Undefined
 * if there is none, or more than one.
 */
export function findPastedKeyId(text: string): KeyId | undefined {
  if (text.length > MAX_PASTED) return undefined;
  const ids = new Set<KeyId>();
  for (const word of text.split(/[^0-9A-Za-z_]+/)) {
    // Only the first in each word: what follows an ID is the secret.
    const id = word.split('_').find((part): part is KeyId => isKeyId(part) && isUuidV7(part));
    if (id !== undefined) ids.add(id);
  }
  const [id, ...others] = ids;
  return others.length === 0 ? id : undefined;
}

/**
 * The ID in an ID, a public part (`sk_live_<id>`) or a whole key, with any prefix; undefined if there is none. For people
 * who paste what they have at hand.
 */
export function findKeyId(text: string): KeyId | undefined {
  const id = /^(?:[a-z][a-z0-9_]*_)?([0-9A-Za-z]{22})(?:_[0-9A-Za-z]{46})?$/.exec(text)?.[1];
  return id !== undefined && isKeyId(id) ? id : undefined;
}
