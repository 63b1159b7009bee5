import { DASHBOARD_PROBLEM_CODES, PROBLEM_CODES } from '#libs/problems';

/**
 * Why a request was refused, as logs and metrics say it: the code of its answer, or one of these where that does not tell.
 * Closed, so that nothing that comes from outside becomes the value of a label.
 */
export const REASONS: ReadonlySet<string> = new Set([
  ...PROBLEM_CODES,
  ...DASHBOARD_PROBLEM_CODES,
  // Nobody could read it.
  'unreadable_request',
  // The guard, about credentials and keys.
  'credentials_malformed',
  'malformed',
  'mistyped',
  'forged',
  'unknown',
  'wrong_secret',
  'revoked',
  'expired',
  'other',
  'too_many_failures',
  'owner_rate_limited',
  'owner_too_many_concurrent_requests',
  'keys_busy',
  'keys_unavailable',
  // Forwarding.
  'upstream_not_configured',
  'upstream_unreachable',
  'upstream_full',
  'upstream_late',
  'upstream_broken',
  'upstream_bad_answer',
  // Keys.
  'database_away',
  'database_read_only',
  'database_conflict',
  'bcrypt_queue_full',
  // The dashboard.
  'sign_in_limit',
  'invalid_email_or_password',
  'common_password',
  'keys_away',
  'gateway_away',
  'page_not_built',
  // A service behind the gateway that checks who makes a request.
  'identity_keys_unavailable',
  'identity_missing',
  'identity_expired',
  'identity_malformed',
  'identity_of_unknown_key',
  'identity_wrong_algorithm',
  'identity_wrong_claims',
  'identity_wrong_signature',
]);
