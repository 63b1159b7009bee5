// For those who issue and check keys.
export { KeyFormat, KEY_PREFIX_MAX_LENGTH, KEY_PREFIX_SHAPE, type KeyFormatOptions } from './key-format.js';
export type { GenuineKey, PrintedKey, ReadKey } from './key-format.js';

// For those who make and compare what must not be guessed.
export { HmacSha256 } from './hmac.js';
export { isSameText } from './same-text.js';

// For those who name keys.
export {
  type KeyId,
  findKeyId,
  findPastedKeyId,
  isKeyId,
  keyIdFromUuid,
  keyIdToUuid,
  newKeyId,
} from './key-id.js';
