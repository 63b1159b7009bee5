// The management API: its answers, as schemas that read them and as types.
export {
  AUDIT_ACTIONS,
  KEY_STATES,
  PERSON_ACTIONS,
  activityEntrySchema,
  alreadyIssuedSchema,
  catalogueSchema,
  auditEventPageSchema,
  auditEventSchema,
  expirySchema,
  pauseSchema,
  issuedKeySchema,
  exposureSchema,
  keyActivitySchema,
  keyExposuresSchema,
  keyPageSchema,
  keySchema,
  keyUsageSchema,
  ownerPageSchema,
  ownerSchema,
  problemSchema,
  recordedEventSchema,
  revocationSchema,
} from './management-answers.js';
export type {
  AlreadyIssued,
  CatalogueView,
  AuditAction,
  AuditEvent,
  AuditEventPage,
  Expiry,
  Pause,
  InEffect,
  IssuedKey,
  Key,
  KeyActivity,
  KeyLifetimes,
  KeyExposures,
  KeyPage,
  KeyState,
  KeyUsage,
  Owner,
  OwnerPage,
  PersonAction,
  RecordedEvent,
  Revocation,
  Usage,
} from './management-answers.js';

// Its refusals and requests.
export { MANAGE_CODES } from './management-codes.js';
export {
  MAX_ALLOWED_IPS,
  MAX_CAPABILITIES,
  MAX_CAPABILITY_LENGTH,
  MAX_NAME_LENGTH,
  MAX_RATE_LIMIT_PER_MINUTE,
} from './management-requests.js';
export type {
  ActivityFilter,
  AuditEventFilter,
  ChangeRequest,
  ExposureFilter,
  ExpireRequest,
  PauseRequest,
  IssueRequest,
  KeyFilter,
  KeySearch,
  OwnerFilter,
  OwnerRequest,
  PersonEvent,
  RevokeRequest,
  UsageFilter,
} from './management-requests.js';

// Webhooks: requests and answers of the management API about them.
export {
  DELIVERY_STATES,
  MAX_WEBHOOKS,
  MAX_WEBHOOK_DESCRIPTION,
  MAX_WEBHOOK_URL,
  WEBHOOK_EVENTS,
  WEBHOOK_TEST_EVENT,
  webhookDeliveryPageSchema,
  webhookDeliverySchema,
  webhookListSchema,
  webhookSchema,
  webhookWithSecretSchema,
} from './webhooks.js';
export type {
  DeliveryFilter,
  DeliveryState,
  Webhook,
  WebhookChangeRequest,
  WebhookDelivery,
  WebhookDeliveryPage,
  WebhookEvent,
  WebhookList,
  WebhookRequest,
  WebhookWithSecret,
} from './webhooks.js';

// The verification RPC: questions about keys.
export {
  CATALOGUE_PATTERN,
  MAX_MESSAGE_LENGTH,
  READY_PATTERN,
  TAG_SECRETS_PATTERN,
  VERIFY_PATTERN,
  catalogueNamesSchema,
  tagSecretsSchema,
  verifyAnswerSchema,
} from './verification.js';
export type {
  CatalogueNames,
  Principal,
  Refusal,
  Restriction,
  TagSecrets,
  VerifyAnswer,
  VerifyQuestion,
} from './verification.js';

// The verification RPC: reports of keys that others have seen.
export {
  EXPOSED_PATTERN,
  EXPOSURE_SOURCES,
  EXPOSURE_SOURCE_SHAPE,
  MAX_EXPOSURE_URL,
  exposureAnswerSchema,
} from './exposure.js';
export type { ExposureAnswer, ExposureReport, ExposureSource } from './exposure.js';

// The verification RPC: reports of gateways.
export {
  ACTIVITY_PATTERN,
  KEY_TEST_HEADER,
  KEY_TEST_ROUTE,
  MAX_ACTIVITY,
  MAX_AGO_MS,
  MAX_ROUTE_LENGTH,
  MAX_USES,
  REPORT_REFUSED,
  USED_PATTERN,
} from './reports.js';
export type { ActivityReport, ReportedActivity, UsedReport, Uses } from './reports.js';
