import { ManageRefused, ManageUnreachable } from '#libs/keys-client';
import { type ProblemOptions, retryAfter } from '#libs/problems';
import { DashboardProblem, type DashboardReason } from '../dashboard-problem.js';

/** Codes of the keys service that people can do something about. */
const FORWARDED_CODES = [
  'invalid_request',
  'already_issued',
  'idempotency_key_reused',
  'too_many_keys',
] as const;

/** Alike for keys of others and for keys that do not exist, so that nobody can tell which is the case. */
export function keyNotFound(cause?: Error): DashboardProblem {
  return new DashboardProblem('not_found', 'No key with that ID.', { cause });
}

/** Translates errors of the management API's client for the page. Undefined for other errors. */
export function keysProblem(err: unknown): DashboardProblem | undefined {
  if (err instanceof ManageUnreachable) return unavailable({ reason: 'keys_unreachable', cause: err });
  if (!(err instanceof ManageRefused)) return undefined;
  if (err.code === 'not_found') return keyNotFound(err);
  const code = FORWARDED_CODES.find((known) => known === err.code);
  if (code !== undefined) {
    const { key, errors } = err.problem;
    const extensions = { ...(key !== undefined && { key }), ...(errors !== undefined && { errors }) };
    return new DashboardProblem(code, err.message, { extensions, cause: err });
  }
  if (err.code === 'owner_suspended') {
    return new DashboardProblem(
      'account_suspended',
      'Your account is suspended. Contact the administrator.',
      {
        cause: err,
      },
    );
  }
  if (err.code === 'unavailable') return unavailable({ reason: 'keys_unavailable', cause: err });
  // A wrong token or another version of the keys service: nothing that people can fix.
  return unavailable({ foreignReason: `keys_said_${err.code}`, cause: err });
}

function unavailable(because: ProblemOptions<DashboardReason>): DashboardProblem {
  return new DashboardProblem('keys_unreachable', "Can't manage keys right now. Try again in a moment.", {
    headers: retryAfter(2),
    ...because,
  });
}
