import { type KeyId, isKeyId } from '#libs/key-format';

/** Revoked once all faults are over. It does not expire. */
export const LAST_KEY_ID = keyId('last');

/** The keys of every simulation. The first is never revoked, and does not expire. */
export const KEY_IDS: readonly KeyId[] = [
  ...['valid', 'b', 'c', 'd'].map((name) => keyId(name)),
  LAST_KEY_ID,
];

/** The owners, with their keys. */
export const OWNERS: readonly { readonly id: string; readonly keyIds: readonly KeyId[] }[] = [
  { id: 'ada', keyIds: KEY_IDS.slice(0, 2) },
  { id: 'bob', keyIds: KEY_IDS.slice(2) },
];

/** The owner of a key. */
export function ownerIdOf(id: KeyId): string {
  const owner = OWNERS.find(({ keyIds }) => keyIds.includes(id));
  if (owner === undefined) throw new RangeError(`${id} has no owner`);
  return owner.id;
}

/** A key's ID, from a short name. */
export function keyId(name: string): KeyId {
  const id = name.padStart(22, '0');
  if (!isKeyId(id)) throw new RangeError(`${name} is too long for a key ID`);
  return id;
}
