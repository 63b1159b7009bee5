import { type KeyId, isKeyId } from '#libs/key-format';

/** Revoked when all faults are over. It does not expire. */
export const LAST_KEY_ID = keyId('last');

/** The keys of every simulation. The first is never revoked, and does not expire. */
export const KEY_IDS: readonly KeyId[] = [
  ...['valid', 'b', 'c', 'd'].map((name) => keyId(name)),
  LAST_KEY_ID,
];

/** Whose they are. */
export const OWNERS: readonly { readonly id: string; readonly keyIds: readonly KeyId[] }[] = [
  { id: 'ada', keyIds: KEY_IDS.slice(0, 2) },
  { id: 'bob', keyIds: KEY_IDS.slice(2) },
];

/** Whose key it is. */
export function ownerIdOf(id: KeyId): string {
  const owner = OWNERS.find(({ keyIds }) => keyIds.includes(id));
  if (owner === undefined) throw new RangeError(`${id} is nobody's`);
  return owner.id;
}

/** A key's id, by a short name. */
export function keyId(name: string): KeyId {
  const id = name.padStart(22, '0');
  if (!isKeyId(id)) throw new RangeError(`${name} makes no key id`);
  return id;
}
