import {
  Integer,
  NormalizedLine,
  NumberAsText,
  OneOf,
  Optional,
  OptionalOrNull,
  Pattern,
  Text,
  TextList,
  Timestamp,
} from '#libs/fields';
import {
  type ExpireRequest,
  KEY_STATES,
  type KeyFilter,
  type KeyState,
  MAX_ALLOWED_IPS,
  MAX_CAPABILITIES,
  MAX_NAME_LENGTH,
} from '#libs/keys-contract';
import type { NewKey } from '../contract.js';

/*
 * The keys service validates what it alone knows: capabilities, addresses, IDs of keys and cursors. Its messages are passed on.
 */

export class KeyParams {
  @Text('Key ID', { max: 200 })
  keyId!: string;
}

export class ListKeysQuery implements KeyFilter {
  @Optional()
  @OneOf('State', [...KEY_STATES, 'all'])
  state?: KeyState | 'all';

  @Optional()
  @NumberAsText()
  @Integer('Limit', { min: 1, max: 200 })
  limit?: number;

  @Optional()
  @Text('Cursor', { max: 200 })
  cursor?: string;
}

export class NewKeyBody implements NewKey {
  @NormalizedLine('Name', { max: MAX_NAME_LENGTH })
  name!: string;

  @TextList('Capabilities must be a list of names.', {
    min: 0,
    max: MAX_CAPABILITIES,
    each: /^[^\0]{0,100}$/,
  })
  capabilities!: string[];

  @OptionalOrNull()
  @Timestamp('Expiry')
  expiresAt?: string | null;

  @OptionalOrNull()
  @Text('Replaced key ID', { max: 200 })
  replaces?: string | null;

  @OptionalOrNull()
  @TextList(`Allowed addresses must be a list of 1 to ${MAX_ALLOWED_IPS} texts.`, {
    max: MAX_ALLOWED_IPS,
    each: /^[^\0]{0,100}$/,
  })
  allowedIps?: string[] | null;
}

export class RevokeKeyBody {
  @OptionalOrNull()
  @Pattern('Reason must be at most 500 characters.', /^[^\0]{0,500}$/)
  reason?: string | null;
}

export class ExpireKeyBody implements ExpireRequest {
  @Timestamp('Expiry')
  expiresAt!: string;
}

export class CheckKeyBody {
  @Pattern("That isn't a complete key. Copy all of it.", /^[\x21-\x7e]{1,200}$/)
  token!: string;
}
