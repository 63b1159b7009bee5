import {
  Bool,
  Email,
  Integer,
  NormalizedLine,
  NumberAsText,
  OneOf,
  Optional,
  OptionalOrNull,
  TextList,
  Timestamp,
} from '#libs/fields';
import {
  type ActivityFilter,
  type ChangeRequest,
  type ExpireRequest,
  type IssueRequest,
  KEY_STATES,
  type KeyFilter,
  type KeyState,
  MAX_CAPABILITIES,
  MAX_NAME_LENGTH,
  MAX_RATE_LIMIT_PER_MINUTE,
  type OwnerRequest,
  type RevokeRequest,
} from '#libs/keys-contract';
import { IsKeyId, IsOwnerId, IsSlug } from './fields.js';

/** Who asks, for the audit: a person's id in the dashboard, or the tool's name. */
class Asked implements ChangeRequest {
  @Optional()
  @NormalizedLine('Actor', { max: 200 })
  actor = 'manage';
}

export class OwnerParams {
  @IsOwnerId()
  ownerId!: string;
}

export class KeyParams {
  @IsKeyId('Key ID')
  keyId!: string;
}

export class PutOwnerBody extends Asked implements OwnerRequest {
  @Email()
  email!: string;

  /** Left out: what is known of the same address stays; another one is not verified. */
  @Optional()
  @Bool('emailVerified')
  emailVerified?: boolean;

  /** Who tells the address, such as `dashboard`. Default: the one who told the same address before. */
  @Optional()
  @IsSlug('Email source')
  emailSource?: string;

  @Optional()
  @IsSlug('Role')
  role = 'user';

  @Optional()
  @IsSlug('Tier')
  tier = 'free';
}

export class FindOwnersQuery {
  @Email()
  email!: string;
}

export class IssueKeyBody extends Asked implements IssueRequest {
  @NormalizedLine('Name', { max: MAX_NAME_LENGTH })
  name!: string;

  /** Whether the catalogue has them is up to the operation. */
  @TextList('Capabilities must be a list of names.', { min: 0, max: MAX_CAPABILITIES, each: /^/ })
  capabilities!: string[];

  /** Null, or left out: never. */
  @OptionalOrNull()
  @Timestamp('Expiry')
  expiresAt?: string | null;

  @OptionalOrNull()
  @IsKeyId('Replaced key ID')
  replaces?: string | null;

  /** Null, or left out: what the deployment allows every key. */
  @OptionalOrNull()
  @Integer('Rate limit', { min: 1, max: MAX_RATE_LIMIT_PER_MINUTE, unit: 'requests per minute' })
  rateLimitPerMinute?: number | null;
}

export class ListKeysQuery implements KeyFilter {
  @Optional()
  @OneOf('State', [...KEY_STATES, 'all'])
  state: KeyState | 'all' = 'active';

  @Optional()
  @NumberAsText()
  @Integer('Limit', { min: 1, max: 200 })
  limit = 100;

  @Optional()
  @IsKeyId('Cursor')
  cursor?: string;
}

export class ActivityQuery implements ActivityFilter {
  /** When given, only a key of this owner is found. */
  @Optional()
  @IsOwnerId()
  ownerId?: string;

  @Optional()
  @NumberAsText()
  @Integer('Limit', { min: 1, max: 500 })
  limit = 100;
}

/** Which key is meant besides its id: a safeguard. */
class AskedOfOwner extends Asked {
  /** When given, only a key of this owner is found. */
  @Optional()
  @IsOwnerId()
  ownerId?: string;
}

export class RevokeKeyBody extends AskedOfOwner implements RevokeRequest {
  @Optional()
  @NormalizedLine('Reason', { max: 500 })
  reason?: string;
}

export class ExpireKeyBody extends AskedOfOwner implements ExpireRequest {
  @Timestamp('Expiry')
  expiresAt!: string;
}

export class SuspendOwnerBody extends Asked {}
