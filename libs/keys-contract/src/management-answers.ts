import * as z from 'zod/mini';

/*
 * What the management API answers. A reader must get along with a keys service of another version: words, such as a state
 * or a capability, are any text, fields that are unknown are passed over, and new fields have a default.
 */

/** RFC 3339, in UTC. */
const timestamp = z.iso.datetime();

/** The owner of keys, as the dashboard knows them. */
export const ownerSchema = z.object({
  id: z.string(),
  email: z.string(),
  // Version 0.1.0 sends neither of these two.
  /** Whether the address is known to be theirs. */
  emailVerified: z._default(z.boolean(), false),
  /** Who has set the address, such as `dashboard` or `cli`; null if unknown. */
  emailSource: z._default(z.nullable(z.string()), null),
  role: z.string(),
  tier: z.string(),
  suspendedAt: z.nullable(timestamp),
  createdAt: timestamp,
});
export type Owner = Readonly<z.output<typeof ownerSchema>>;

/** The cursor of the next page, or null at the end. */
const nextCursor = z.nullable(z.string());

/** A page of owners, by ID; `nextCursor` asks for the next page. */
export const ownerPageSchema = z.object({
  owners: z.readonly(z.array(ownerSchema)),
  // Version 0.1.0 does not send it: its list has one page.
  nextCursor: z._default(nextCursor, null),
});
export type OwnerPage = Readonly<z.output<typeof ownerPageSchema>>;

/** What a key is right now. The keys of a suspended owner keep their state, but none is accepted. */
export const KEY_STATES = ['active', 'paused', 'expired', 'revoked'] as const;
export type KeyState = (typeof KEY_STATES)[number];

/** A key as shown to those who manage keys: never its secret, never its hash. */
export const keySchema = z.object({
  id: z.string(),
  /** The beginning of the key, which may be shown: `sk_live_<id>`. */
  publicPart: z.string(),
  /** The last four characters, for people to compare. */
  last4: z.string(),
  ownerId: z.string(),
  name: z.string(),
  capabilities: z.readonly(z.array(z.string())),
  /** `active`, `paused`, `expired` or `revoked`, or a state that a newer version knows. */
  state: z.string(),
  createdAt: timestamp,
  /** Who created it: a person's ID, or the name of a tool. */
  createdBy: z.string(),
  /** Null: never. */
  expiresAt: z.nullable(timestamp),
  lastUsedAt: z.nullable(timestamp),
  /** The ID of the key that it replaces. */
  replaces: z.nullable(z.string()),
  /** Requests per minute, or null for what the deployment allows every key. */
  rateLimitPerMinute: z.nullable(z.int()),
  // Version 0.1.0 does not send it.
  /** The IP addresses and networks from which alone it may be used; null: any. */
  allowedIps: z._default(z.nullable(z.readonly(z.array(z.string()))), null),
  /** Null: it is not paused. Version 0.1.0 does not send it. */
  pausedAt: z._default(z.nullable(timestamp), null),
  // Version 0.1.0 sends neither of these two.
  /** When it was first reported that others have seen it; null: never. */
  exposedAt: z._default(z.nullable(timestamp), null),
  /** Where that report came from: `public`, `github`, `gitlab`, `trufflehog`, `plain_http`, or what a newer version knows. */
  exposureSource: z._default(z.nullable(z.string()), null),
  revokedAt: z.nullable(timestamp),
  revokedBy: z.nullable(z.string()),
  revocationReason: z.nullable(z.string()),
});
export type Key = Readonly<z.output<typeof keySchema>>;

/** A new key. `token` is its text, which cannot be shown again. */
export const issuedKeySchema = z.object({ key: keySchema, token: z.string() });
export type IssuedKey = Readonly<z.output<typeof issuedKeySchema>>;

/** A page of keys, newest first; `nextCursor` asks for the next page. */
export const keyPageSchema = z.object({ keys: z.readonly(z.array(keySchema)), nextCursor });
export type KeyPage = Readonly<z.output<typeof keyPageSchema>>;

const days = z.nullable(z.int());

/** How long keys may live, in days; null: there is no such rule. */
const lifetimesSchema = z.object({
  /** After how long a key expires whose request does not say when; null: never. */
  defaultDays: days,
  /** The longest that a new key may live. */
  maxDays: days,
  /** After how long without use a key is revoked. */
  idleDays: days,
});
export type KeyLifetimes = Readonly<z.output<typeof lifetimesSchema>>;

/** `GET /catalogue`: what keys can be issued with, for people to choose from. Version 0.1.0 does not answer it. */
export const catalogueSchema = z.object({
  /** The product's name. */
  title: z.string(),
  /** In the order in which they are shown. */
  groups: z.readonly(z.array(z.object({ name: z.string(), title: z.string() }))),
  /** In the order in which they are shown. */
  capabilities: z.readonly(
    z.array(
      z.object({
        name: z.string(),
        title: z.string(),
        /** One sentence: what it unlocks and where it ends. */
        description: z.string(),
        /** The name of its group. */
        group: z.string(),
        /** Whether it is preselected. */
        default: z.boolean(),
        /** Whether people should be warned before they select it. */
        broad: z.boolean(),
      }),
    ),
  ),
  presets: z.readonly(
    z.array(z.object({ name: z.string(), title: z.string(), capabilities: z.readonly(z.array(z.string())) })),
  ),
  /** Versions that do not send it have no such rules. */
  lifetimes: z._default(lifetimesSchema, { defaultDays: null, maxDays: null, idleDays: null }),
});
export type CatalogueView = Readonly<z.output<typeof catalogueSchema>>;

/** That a change is in effect at every gateway, and how. */
const inEffectSchema = z.object({
  /** Always true: the call returns only when no gateway is behind. */
  effective: z.literal(true),
  /** How many gateways have confirmed. */
  gateways: z.int(),
  /** Milliseconds from the commit until the change was in effect. */
  waitedMs: z.number(),
  /** `acknowledged` by all gateways, or what has run out: `lease`, `cache-ttl`. */
  how: z.string(),
});
export type InEffect = Readonly<z.output<typeof inEffectSchema>>;

/** A revoked key, which no gateway accepts any more. */
export const revocationSchema = z.object({
  key: keySchema,
  revokedAt: timestamp,
  ...inEffectSchema.shape,
});
export type Revocation = Readonly<z.output<typeof revocationSchema>>;

/** A key whose expiry was set and is known to every gateway. */
export const expirySchema = z.object({ key: keySchema, ...inEffectSchema.shape });
export type Expiry = Readonly<z.output<typeof expirySchema>>;

/** A key that was paused or resumed, which every gateway knows. */
export const pauseSchema = z.object({ key: keySchema, ...inEffectSchema.shape });
export type Pause = Readonly<z.output<typeof pauseSchema>>;

/** The requests of a key within an hour that agree in route, status and address. */
export const activityEntrySchema = z.object({
  /** Method and pattern of the route: `GET /v1/desktops/:id`. */
  route: z.string(),
  /** The status of the response; 499 if the client left before it. */
  status: z.int(),
  /** The client's address; null if unknown. */
  address: z.nullable(z.string()),
  count: z.int(),
  firstAt: timestamp,
  lastAt: timestamp,
});

/** A key's recent requests, latest first. */
export const keyActivitySchema = z.object({ activity: z.readonly(z.array(activityEntrySchema)) });
export type KeyActivity = Readonly<z.output<typeof keyActivitySchema>>;

/** What a dashboard reports of people who sign in there. */
export const PERSON_ACTIONS = ['person.signed_in', 'person.signed_out', 'person.sign_in_failed'] as const;
export type PersonAction = (typeof PERSON_ACTIONS)[number];
/** A report that others have seen a key. */
export const exposureSchema = z.object({
  /** `public`, `github`, `gitlab`, `trufflehog`, `plain_http`, or what a newer version knows. */
  source: z.string(),
  /** Where it was found; null if the reporter did not say. */
  url: z.nullable(z.string()),
  /** The address that the report came from; null if unknown. */
  address: z.nullable(z.string()),
  at: timestamp,
});

/** The reports that others have seen a key, latest first. */
export const keyExposuresSchema = z.object({ exposures: z.readonly(z.array(exposureSchema)) });
export type KeyExposures = Readonly<z.output<typeof keyExposuresSchema>>;

/** How much a key was used within a time. Tests from the dashboard do not count. */
const usageSchema = z.object({
  /** Requests, refused ones included. */
  requests: z.int(),
  /** Those with a status of 400 or more. */
  refused: z.int(),
  /** Where they came from, most requests first: at most 20 addresses. */
  addresses: z.readonly(z.array(z.string())),
  /** How many addresses there were; null if there were more than gateways tell apart. */
  addressCount: z.nullable(z.int()),
});
export type Usage = Readonly<z.output<typeof usageSchema>>;

/** How much a key was used lately, as far as gateways have reported it: they do so every 20 seconds. */
export const keyUsageSchema = z.object({
  /** The last request within 7 days; null if there was none. */
  lastAt: z.nullable(timestamp),
  lastDay: usageSchema,
  /** The last 7 days; null if activity is not kept as long. */
  lastWeek: z.nullable(usageSchema),
  /** The hours of the last 7 days in which there were requests, oldest first. */
  hours: z.readonly(z.array(z.object({ at: timestamp, requests: z.int(), refused: z.int() }))),
});
export type KeyUsage = Readonly<z.output<typeof keyUsageSchema>>;

/** What the audit log records. */
export const AUDIT_ACTIONS = [
  'owner.created',
  'owner.changed',
  'owner.suspended',
  'owner.resumed',
  'key.issued',
  'key.expiry_set',
  'key.paused',
  'key.resumed',
  'key.exposed',
  'key.revoked',
  'key.expiring',
  'key.expired',
  'key.unused',
  ...PERSON_ACTIONS,
  'webhook.created',
  'webhook.changed',
  'webhook.secret_rotated',
  'webhook.disabled',
  'webhook.removed',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** Something that happened to an owner, a key or a webhook. */
export const auditEventSchema = z.object({
  id: z.string(),
  at: timestamp,
  /** What happened, such as `key.revoked`. A newer version may know more kinds of events. */
  action: z.string(),
  /** Who requested it: a person's ID, or the name of a tool. */
  actor: z.string(),
  // Version 0.1.0 sends neither of these two.
  /** The IP address of who requested it; null if unknown. */
  address: z._default(z.nullable(z.string()), null),
  /** The ID of the request, which is in the logs; null if unknown. */
  requestId: z._default(z.nullable(z.string()), null),
  /** Empty if the event is about no owner, but a webhook: versions that know none read a text here. */
  ownerId: z.string(),
  /** Null if the event is not about a key. */
  keyId: z.nullable(z.string()),
  /** That key, for people to recognize. Version 0.1.0 does not send it. */
  key: z._default(z.nullable(z.object({ name: z.string(), last4: z.string() })), null),
  /** What else is known, such as the reason of a revocation. */
  details: z.record(z.string(), z.unknown()),
});
export type AuditEvent = Readonly<z.output<typeof auditEventSchema>>;

/** A page of audit events, newest first; `nextCursor` asks for the next page. */
export const auditEventPageSchema = z.object({
  events: z.readonly(z.array(auditEventSchema)),
  nextCursor,
});
export type AuditEventPage = Readonly<z.output<typeof auditEventPageSchema>>;

/** `POST /audit-events`. */
export const recordedEventSchema = z.object({
  /** Whether it was recorded now; false if it had been already. */
  isNew: z.boolean(),
});
export type RecordedEvent = Readonly<z.output<typeof recordedEventSchema>>;

/** What all refusals have (RFC 9457). */
export const problemSchema = z.looseObject({ code: z.string(), detail: z.string() });

/** The refusal of a repeated request for a key, with the key that the first one has created. */
export const alreadyIssuedSchema = z.object({ code: z.literal('already_issued'), key: keySchema });
export type AlreadyIssued = Readonly<z.output<typeof alreadyIssuedSchema>>;
