import type { KeyState, PersonAction } from './management-answers.js';

/*
 * What the management API takes. Types only: the keys service validates each field, with a message for people
 * (apps/keys/src/management-api/requests.ts).
 */

/** The longest name of a key, in characters. */
export const MAX_NAME_LENGTH = 100;

/** The most capabilities that a catalogue, and so a key, may have: their names must fit into one header of a service. */
export const MAX_CAPABILITIES = 100;

/** The longest name of a capability, in characters. */
export const MAX_CAPABILITY_LENGTH = 64;

/** The most addresses and networks that a key may be restricted to. */
export const MAX_ALLOWED_IPS = 50;

/** The highest rate limit that a key may have. */
export const MAX_RATE_LIMIT_PER_MINUTE = 1_000_000;

/** A change. */
export interface ChangeRequest {
  /** Who makes it, for the audit log: a person's ID, or the name of a tool. Default: `manage`. */
  readonly actor?: string;
  /** The IP address of that person, for the audit log, if it is known. */
  readonly address?: string | null | undefined;
}

/** `PUT /owners/:ownerId`. */
export interface OwnerRequest extends ChangeRequest {
  readonly email: string;
  /** Whether the address is known to be theirs. Default: as it is for the same address; false for another one. */
  readonly emailVerified?: boolean;
  /** Who sets the address, such as `dashboard`. Default: the source that set the same address before. */
  readonly emailSource?: string;
  /** Default: `user`. */
  readonly role?: string;
  /** Default: `free`. */
  readonly tier?: string;
}

/** `POST /owners/:ownerId/keys`. */
export interface IssueRequest extends ChangeRequest {
  /** What the key is for, on one line. */
  readonly name: string;
  readonly capabilities: readonly string[];
  /** RFC 3339, or null for never. Default: after the default lifetime of the deployment, or never if it has none. */
  readonly expiresAt?: string | null;
  /** The ID of a key of the same owner that the new one replaces. */
  readonly replaces?: string | null;
  /** Requests per minute. Default: what the deployment allows every key. */
  readonly rateLimitPerMinute?: number | null;
  /**
   * IP addresses, and networks such as 203.0.113.0/24, from which alone the key may be used; null: any. Default: those of
   * the key that it replaces, or any.
   */
  readonly allowedIps?: readonly string[] | null;
}

/** Which part of a list. */
export interface PageRequest {
  /** From 1 to 200. Default: 100. */
  readonly limit?: number;
  /** The `nextCursor` of the previous page. */
  readonly cursor?: string;
}

/** `GET /owners`. */
export interface OwnerFilter extends PageRequest {
  /** From 1 to 200. Default: 100, or as many owners as have the email address, up to 1,000. */
  readonly limit?: number;
  /** Their email address, in any case. */
  readonly email?: string;
  /** The start of their ID, or of their email address in any case. */
  readonly search?: string;
  /** Default: both. */
  readonly suspended?: boolean;
}

/** `GET /owners/:ownerId/keys`. */
export interface KeyFilter extends PageRequest {
  /** Default: `active`. */
  readonly state?: KeyState | 'all';
  /** Only keys with this capability. */
  readonly capability?: string;
}

/** `GET /keys`. */
export interface KeySearch extends KeyFilter {
  readonly ownerId?: string;
}

/** `GET /audit-events`. */
export interface AuditEventFilter extends PageRequest {
  readonly keyId?: string;
  readonly ownerId?: string;
  /** Only this kind of event. */
  readonly action?: string;
  /** Only what they did: a person's ID, or the name of a tool. */
  readonly actor?: string;
  /** RFC 3339: at this moment, or later. */
  readonly since?: string;
  /** RFC 3339: before this moment. */
  readonly until?: string;
}

/** `GET /keys/:keyId/exposures`. */
export interface ExposureFilter {
  /** When given, only a key of this owner is found. */
  readonly ownerId?: string;
}

/** `POST /audit-events`: something that happened to a person where they sign in. */
export interface PersonEvent extends ChangeRequest {
  /** A UUID. An event with the ID of an earlier one is not recorded again. */
  readonly id: string;
  readonly action: PersonAction;
  /** The person's ID, which is the ID of the owner of their keys. */
  readonly ownerId: string;
  /** How long ago it happened, in milliseconds: keys computes the time by the clock of its database. Default: 0. */
  readonly agoMs?: number;
  /** How they signed in, such as `password` or `google`. */
  readonly method?: string;
  /** How many attempts to sign in failed. */
  readonly attempts?: number;
  /** How many of those were refused for being too many, before the password was checked. */
  readonly limited?: number;
}

/** `GET /keys/:keyId/activity`. */
export interface ActivityFilter {
  /** If given, only a key of this owner is found. */
  readonly ownerId?: string;
  /** From 1 to 500. Default: 100. */
  readonly limit?: number;
}

/** `GET /keys/:keyId/usage`. */
export interface UsageFilter {
  /** If given, only a key of this owner is found. */
  readonly ownerId?: string;
}

/** `POST /keys/:keyId/revoke`. */
export interface RevokeRequest extends ChangeRequest {
  /** If given, only a key of this owner is found. */
  readonly ownerId?: string;
  readonly reason?: string;
}

/** `POST /keys/:keyId/pause` and `POST /keys/:keyId/resume`. */
export interface PauseRequest extends ChangeRequest {
  /** If given, only a key of this owner is found. */
  readonly ownerId?: string;
}

/** `POST /keys/:keyId/expire`. */
export interface ExpireRequest extends ChangeRequest {
  /** RFC 3339: in the future, and not later than the key expires anyway. */
  readonly expiresAt: string;
  /** If given, only a key of this owner is found. */
  readonly ownerId?: string;
}
