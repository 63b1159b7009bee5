// For dashboard backends: the management API.
export { ManageClient, type ManageClientOptions, ManageRefused, ManageUnreachable } from './manage-client.js';
export { MANAGE_CODES } from './manage-codes.js';
export { HIGHEST_RATE_LIMIT, KEY_STATES } from './manage-contract.js';
export type {
  Expiry,
  InEffect,
  IssueRequest,
  IssuedKey,
  Key,
  KeyActivity,
  KeyPage,
  KeyState,
  Owner,
  Revocation,
} from './manage-contract.js';

// For gateways: the verification RPC.
export { type Verification, VerifyClient, type VerifyClientOptions } from './verify-client.js';
export type { Resolve } from './endpoints.js';
export { USED_LIMIT, type Uses } from './used-contract.js';
export { ACTIVITY_LIMIT, type ReportedActivity } from './activity-contract.js';

// For keys itself: what it must answer at the verification RPC.
export { LONGEST_AGO_MS, USED_PATTERN, type UsedReport } from './used-contract.js';
export { ACTIVITY_PATTERN, type ActivityReport, ROUTE_LIMIT } from './activity-contract.js';
export { REPORT_REFUSED, ReportRefused } from './report-refused.js';
export { READY_PATTERN, VERIFY_PATTERN } from './verify-contract.js';
export { VerifySocket } from './verify-socket.js';
export type { Principal, Refusal, VerifyAnswer, VerifyQuestion } from './verify-contract.js';
