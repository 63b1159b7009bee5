import { KEY_PREFIX_MAX_LENGTH, KEY_PREFIX_SHAPE, hasChecksum } from './key-format.js';
import { KEY_ID_LENGTH, type KeyId, isKeyId, isUuidV7, keyIdFromUuid } from './key-id.js';

/** The IDs of the keys in a text. */
export interface PastedKeys {
  /** Of whole keys with the right checksum, and of public parts, bare IDs and keys that are cut off. */
  readonly ids: readonly KeyId[];
  /** Of whole keys with a wrong checksum: they are mistyped, or not ours. */
  readonly mistyped: readonly KeyId[];
}

/** What follows the ID of a whole key: secret, tag and checksum. Sticky: it only matches at `lastIndex`. */
const REST = /_[0-9A-Za-z]{46}/y;
const REST_LENGTH = 47;

/** IDs sort by when they were created, and all are of this time: few random texts look like one. */
const EARLIEST = firstIdOf(Date.UTC(2020));
const LATEST = firstIdOf(Date.UTC(2100));

/**
 * Finds every key in a text of any kind, such as a log, whatever its prefix, in linear time. What is not a whole key counts
 * by its ID; one in 57,000 random texts of an ID's length looks like one.
 */
export function findPastedKeys(text: string): PastedKeys {
  const ids = new Set<KeyId>();
  const mistyped = new Set<KeyId>();
  for (const [word] of text.matchAll(/[0-9A-Za-z_]+/g)) {
    let at = 0;
    let isAfterId = false;
    for (const part of word.split('_')) {
      // What follows an ID is its secret, which may be cut off where an ID would end.
      if (!isAfterId && isKeyId(part)) {
        const form = formAt(word, at, part);
        if (form === 'found') ids.add(part);
        if (form === 'mistyped') mistyped.add(part);
        isAfterId = form !== 'none';
      } else {
        isAfterId = false;
      }
      at += part.length + 1;
    }
  }
  return { ids: [...ids], mistyped: [...mistyped].filter((id) => !ids.has(id)) };
}

/** What `id`, which is in `word` at `at`, is part of. */
function formAt(word: string, at: number, id: KeyId): 'found' | 'mistyped' | 'none' {
  REST.lastIndex = at + KEY_ID_LENGTH;
  const isWhole = REST.test(word);
  const isRight = isWhole && hasRightChecksum(word, at);
  if (!isRight && (id < EARLIEST || id >= LATEST)) return 'none';
  if (!isUuidV7(id)) return 'none';
  if (isRight) return 'found';
  return isWhole && at > 0 ? 'mistyped' : 'found';
}

/** The checksum covers the prefix, and a letter of other text may stand before that, as in URL-encoded text. */
function hasRightChecksum(word: string, at: number): boolean {
  const end = at + KEY_ID_LENGTH + REST_LENGTH;
  for (let start = at - 2; start >= 0 && start >= at - 1 - KEY_PREFIX_MAX_LENGTH; start--) {
    if (KEY_PREFIX_SHAPE.test(word.slice(start, at - 1)) && hasChecksum(word.slice(start, end))) return true;
  }
  return false;
}

function firstIdOf(ms: number): KeyId {
  return keyIdFromUuid(ms.toString(16).padStart(12, '0').padEnd(32, '0'));
}
