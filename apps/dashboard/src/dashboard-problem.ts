import { MANAGE_CODES } from '#libs/keys-contract';
import { declareProblems } from '#libs/problems';

/** What the keys service says and the page shows as it is. */
const { already_issued, idempotency_key_reused, too_many_keys } = MANAGE_CODES;

const REASONS = {
  sign_in_limit: 'too many attempts to sign in from one address, or to one account',
  invalid_email_or_password: 'there is no such account, or its password is another',
  common_password: 'the password of a new account is too common',
  keys_unreachable: 'the keys service does not respond',
  keys_unavailable: 'the keys service responds that it cannot do this now',
  gateway_unreachable: 'the gateway does not respond',
  page_not_built: '`npm run build` has not built the page',
} as const;

export type DashboardReason = keyof typeof REASONS;

/** What the dashboard says no with, to its page. */
export class DashboardProblem extends declareProblems({
  codes: {
    already_issued,
    idempotency_key_reused,
    too_many_keys,
    signed_out: { status: 401, title: 'Not signed in' },
    sign_in_refused: { status: 401, title: 'Sign-in was refused' },
    sign_in_not_allowed: { status: 403, title: 'This address may not sign in here' },
    account_suspended: { status: 403, title: 'The account is suspended' },
    other_origin: { status: 403, title: 'The request comes from another site' },
    keys_unreachable: { status: 503, title: 'The keys service is unreachable' },
  },
  reasons: REASONS,
}) {}
