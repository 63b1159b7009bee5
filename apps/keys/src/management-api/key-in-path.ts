import { type KeyId, findKeyId } from '#libs/key-format';
import { KeysProblem } from './keys-problem.js';

/** Reads the key id in a path. Throws the problem of {@link unknownKey} if there is none. */
export function parseKeyId(text: string): KeyId {
  const id = findKeyId(text);
  if (id === undefined) throw unknownKey();
  return id;
}

/** The answer about a key that does not exist or belongs to another owner: the two cannot be told apart. */
export function unknownKey(): KeysProblem {
  return new KeysProblem('not_found', 'No key with that ID.');
}
