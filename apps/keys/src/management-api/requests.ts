import { Type } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, Max, Min, NotEquals } from 'class-validator';
import {
  type ActivityFilter,
  type ChangeRequest,
  type ExpireRequest,
  type IssueRequest,
  KEY_STATES,
  type KeyFilter,
  type KeyState,
  MAX_NAME_LENGTH,
  MAX_RATE_LIMIT_PER_MINUTE,
  type OwnerRequest,
  type RevokeRequest,
} from '#libs/keys-contract';
import {
  Optional,
  OptionalOrNull,
  IsEmailLike,
  IsKeyId,
  IsLine,
  IsMoment,
  IsCapabilities,
  IsWord,
} from './inputs.js';

/** Who asks, for the audit: a person's id in the dashboard, or the tool's name. */
class Asked implements ChangeRequest {
  @Optional()
  @IsLine('Actor', { max: 200 })
  actor = 'manage';
}

/** `.` and `..` are no ids: in an address they mean another place. */
const NO_PATH = { message: 'Owner ID must not be . or ..' };

export class OwnerParams {
  @IsLine('Owner ID', { max: 200 })
  @NotEquals('.', NO_PATH)
  @NotEquals('..', NO_PATH)
  ownerId!: string;
}

export class KeyParams {
  @IsKeyId('Key ID')
  keyId!: string;
}

export class PutOwnerBody extends Asked implements OwnerRequest {
  @IsEmailLike()
  email!: string;

  /** Left out: what is known of the same address stays; another one is not verified. */
  @Optional()
  @IsBoolean({ message: 'emailVerified must be true or false.' })
  emailVerified?: boolean;

  /** Who tells the address, such as `dashboard`. Default: the one who told the same address before. */
  @Optional()
  @IsWord('Email source')
  emailSource?: string;

  @Optional()
  @IsWord('Role')
  role = 'user';

  @Optional()
  @IsWord('Tier')
  tier = 'free';
}

export class FindOwnersQuery {
  @IsEmailLike()
  email!: string;
}

const RATE_LIMIT = {
  message: `Rate limit must be an integer from 1 to ${MAX_RATE_LIMIT_PER_MINUTE} requests per minute.`,
};

export class IssueKeyBody extends Asked implements IssueRequest {
  @IsLine('Name', { max: MAX_NAME_LENGTH })
  name!: string;

  @IsCapabilities()
  capabilities!: string[];

  /** Null, or left out: never. */
  @OptionalOrNull()
  @IsMoment('Expiry')
  expiresAt?: string | null;

  @OptionalOrNull()
  @IsKeyId('Replaced key ID')
  replaces?: string | null;

  /** Null, or left out: what the deployment allows every key. */
  @OptionalOrNull()
  @IsInt(RATE_LIMIT)
  @Min(1, RATE_LIMIT)
  @Max(MAX_RATE_LIMIT_PER_MINUTE, RATE_LIMIT)
  rateLimitPerMinute?: number | null;
}

export class ListKeysQuery implements KeyFilter {
  @Optional()
  @IsIn([...KEY_STATES, 'all'], { message: `State must be one of ${KEY_STATES.join(', ')}, all.` })
  state: KeyState | 'all' = 'active';

  @Optional()
  @Type(() => Number)
  @IsInt({ message: 'Limit must be an integer from 1 to 200.' })
  @Min(1, { message: 'Limit must be an integer from 1 to 200.' })
  @Max(200, { message: 'Limit must be an integer from 1 to 200.' })
  limit = 100;

  @Optional()
  @IsKeyId('Cursor')
  cursor?: string;
}

const ACTIVITY_LIMIT = { message: 'Limit must be an integer from 1 to 500.' };

export class ActivityQuery implements ActivityFilter {
  /** When given, only a key of this owner is found. */
  @Optional()
  @IsLine('Owner ID', { max: 200 })
  ownerId?: string;

  @Optional()
  @Type(() => Number)
  @IsInt(ACTIVITY_LIMIT)
  @Min(1, ACTIVITY_LIMIT)
  @Max(500, ACTIVITY_LIMIT)
  limit = 100;
}

/** Which key is meant besides its id: a safeguard. */
class AskedOfOwner extends Asked {
  /** When given, only a key of this owner is found. */
  @Optional()
  @IsLine('Owner ID', { max: 200 })
  ownerId?: string;
}

export class RevokeKeyBody extends AskedOfOwner implements RevokeRequest {
  @Optional()
  @IsLine('Reason', { max: 500 })
  reason?: string;
}

export class ExpireKeyBody extends AskedOfOwner implements ExpireRequest {
  @IsMoment('Expiry')
  expiresAt!: string;
}

export class SuspendOwnerBody extends Asked {}
