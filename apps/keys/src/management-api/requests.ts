import {
  Bool,
  BoolAsText,
  Email,
  Integer,
  NormalizedLine,
  NumberAsText,
  OneOf,
  Optional,
  OptionalOrNull,
  Pattern,
  TextList,
  Timestamp,
} from '#libs/fields';
import { findKeyId } from '#libs/key-format';
import {
  AUDIT_ACTIONS,
  type ActivityFilter,
  type AuditAction,
  type AuditEventFilter,
  type ChangeRequest,
  type ExposureFilter,
  type ExpireRequest,
  type IssueRequest,
  KEY_STATES,
  type KeyFilter,
  type KeySearch,
  type KeyState,
  MAX_AGO_MS,
  MAX_CAPABILITIES,
  MAX_NAME_LENGTH,
  MAX_RATE_LIMIT_PER_MINUTE,
  type OwnerFilter,
  type OwnerRequest,
  PERSON_ACTIONS,
  type PauseRequest,
  type PersonAction,
  type PersonEvent,
  type RevokeRequest,
  type UsageFilter,
} from '#libs/keys-contract';
import { IsAddress, IsAddressList } from './address-list.js';
import { IsCursor, IsKeyId, IsOwnerId, IsSlug } from './fields.js';

/** The most items of a list that one page may have. */
export const MAX_PAGE = 200;

/** The most attempts to sign in that one event may count. */
const MAX_ATTEMPTS = 1_000_000_000;

/** Who asks, for the audit: a person's id in the dashboard, or the tool's name. */
export class Asked implements ChangeRequest {
  @Optional()
  @NormalizedLine('Actor', { max: 200 })
  actor = 'manage';

  /** The IP address of that person, if it is known. Not that of the caller. */
  @OptionalOrNull()
  @IsAddress('Address')
  address?: string | null;
}

export class OwnerParams {
  /** As the caller has chosen it. Refuse `.` and `..` before you call: in a URL they lead to another place. */
  @IsOwnerId()
  ownerId!: string;
}

export class KeyParams {
  /** The 22 characters after `sk_live_` in a key. */
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

export class ListOwnersQuery implements OwnerFilter {
  /** In any case. */
  @Optional()
  @Email()
  email?: string;

  @Optional()
  @NormalizedLine('Search', { max: 200 })
  search?: string;

  @Optional()
  @BoolAsText()
  @Bool('suspended')
  suspended?: boolean;

  @Optional()
  @NumberAsText()
  @Integer('Limit', { min: 1, max: MAX_PAGE })
  limit?: number;

  @Optional()
  @IsCursor((text) => /^[^\0]{1,200}$/.test(text))
  cursor?: string;
}

export class IssueKeyBody extends Asked implements IssueRequest {
  @NormalizedLine('Name', { max: MAX_NAME_LENGTH })
  name!: string;

  /** At least one name of the catalogue: see `GET /catalogue`. */
  @TextList('Capabilities must be a list of names.', {
    min: 0,
    max: MAX_CAPABILITIES,
    each: /^[^\0]{0,100}$/,
  })
  capabilities!: string[];

  /** Null: never. Left out: after the default lifetime that `GET /catalogue` tells, or never if there is none. */
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

  /**
   * IP addresses, and networks such as 203.0.113.0/24, from which alone the key may be used. Null: any. Left out: those of
   * the key that it replaces, or any.
   */
  @OptionalOrNull()
  @IsAddressList({ one: 'Allowed address', many: 'Allowed addresses' })
  allowedIps?: string[] | null;
}

export class ListKeysQuery implements KeyFilter {
  @Optional()
  @OneOf('State', [...KEY_STATES, 'all'])
  state: KeyState | 'all' = 'active';

  /** Any name: keys keep capabilities that are offered no longer. */
  @Optional()
  @Pattern('Capability must be a name such as desktop:read.', /^[a-z0-9][a-z0-9._:-]{0,63}$/)
  capability?: string;

  @Optional()
  @NumberAsText()
  @Integer('Limit', { min: 1, max: MAX_PAGE })
  limit = 100;

  @Optional()
  @IsCursor((text) => findKeyId(text) !== undefined)
  cursor?: string;
}

export class SearchKeysQuery extends ListKeysQuery implements KeySearch {
  @Optional()
  @IsOwnerId()
  ownerId?: string;
}

export class ListAuditEventsQuery implements AuditEventFilter {
  @Optional()
  @IsKeyId('Key ID')
  keyId?: string;

  @Optional()
  @IsOwnerId()
  ownerId?: string;

  @Optional()
  @OneOf('Action', AUDIT_ACTIONS)
  action?: AuditAction;

  /** Who did it. */
  @Optional()
  @NormalizedLine('Actor', { max: 200 })
  actor?: string;

  @Optional()
  @Timestamp('Since')
  since?: string;

  @Optional()
  @Timestamp('Until')
  until?: string;

  @Optional()
  @NumberAsText()
  @Integer('Limit', { min: 1, max: MAX_PAGE })
  limit = 100;

  @Optional()
  @IsCursor((text) => /^[1-9][0-9]{0,17}$/.test(text))
  cursor?: string;
}

export class PersonEventBody extends Asked implements PersonEvent {
  /** A UUID. An event with the ID of an earlier one is not recorded again. */
  @Pattern('Event ID must be a UUID.', /^[\da-fA-F]{8}(?:-[\da-fA-F]{4}){3}-[\da-fA-F]{12}$/)
  id!: string;

  @OneOf('Action', PERSON_ACTIONS)
  action!: PersonAction;

  @IsOwnerId()
  ownerId!: string;

  /** How long ago it happened. */
  @Optional()
  @Integer('Age', { min: 0, max: MAX_AGO_MS, unit: 'milliseconds' })
  agoMs = 0;

  @Optional()
  @IsSlug('Method')
  method?: string;

  @Optional()
  @Integer('Attempts', { min: 1, max: MAX_ATTEMPTS })
  attempts?: number;

  @Optional()
  @Integer('Limited attempts', { min: 0, max: MAX_ATTEMPTS })
  limited?: number;
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

export class ExposuresQuery implements ExposureFilter {
  /** When given, only a key of this owner is found. */
  @Optional()
  @IsOwnerId()
  ownerId?: string;
}

export class UsageQuery implements UsageFilter {
  /** When given, only a key of this owner is found. */
  @Optional()
  @IsOwnerId()
  ownerId?: string;
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

export class PauseKeyBody extends AskedOfOwner implements PauseRequest {}

export class ExpireKeyBody extends AskedOfOwner implements ExpireRequest {
  @Timestamp('Expiry')
  expiresAt!: string;
}

export class SuspendOwnerBody extends Asked {}
