// For those who issue and check keys.
export { KeyFormat, KEY_PREFIX_MAX_LENGTH, KEY_PREFIX_SHAPE, type KeyFormatOptions } from './key-format.js';
export type { GenuineKey, PrintedKey, ReadKey } from './key-format.js';

// For those who create and compare secrets.
export { HmacSha256 } from './hmac.js';
export { isSameText } from './same-text.js';

// For those who refer to keys.
export {
  type KeyId,
  findKeyId,
  findPastedKeyId,
  isKeyId,
  keyIdFromUuid,
  keyIdToUuid,
  newKeyId,
} from './key-id.js';
export { type PastedKeys, findPastedKeys } from './pasted-keys.js';
