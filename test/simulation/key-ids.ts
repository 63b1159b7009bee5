import { type KeyId, isKeyId } from '#libs/key-format';

/** The keys of every simulation. The first is never revoked. */
export const KEY_IDS: readonly KeyId[] = ['valid', 'b', 'c', 'd'].map((name) => keyId(name));

/** A key's id, by a short name. */
export function keyId(name: string): KeyId {
  const id = name.padStart(22, '0');
  if (!isKeyId(id)) throw new RangeError(`${name} makes no key id`);
  return id;
}
