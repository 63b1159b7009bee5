import { type KeyId, findKeyId } from '#libs/key-format';
import { KeysProblem } from './keys-problem.js';

/** The id in an address; throws the problem of {@link unknownKey} where there is none. */
export function idIn(text: string): KeyId {
  const id = findKeyId(text);
  if (id === undefined) throw unknownKey();
  return id;
}

/** What is said about a key that nobody has, or somebody else: the two look alike. */
export function unknownKey(): KeysProblem {
  return new KeysProblem('not_found', 'No key with that ID.');
}
