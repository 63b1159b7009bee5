import { ManageRefused, ManageUnreachable } from '#libs/keys-client';
import { type ProblemCode, ProblemException, retryAfter } from '#libs/problems';

/** Codes of the keys service that people can do something about. */
const FORWARDED_CODES: readonly ProblemCode[] = [
  'invalid_request',
  'already_issued',
  'idempotency_key_reused',
  'too_many_keys',
];

/** Alike for keys of others and for keys that do not exist, so that nobody can tell which is the case. */
export function keyNotFound(cause?: Error): ProblemException {
  return new ProblemException('not_found', 'No key with that ID.', { cause });
}

/** Translates errors of the management API's client for the page. Undefined for other errors. */
export function keysProblem(err: unknown): ProblemException | undefined {
  if (err instanceof ManageUnreachable) return unavailable('keys_away', err);
  if (!(err instanceof ManageRefused)) return undefined;
  if (err.code === 'not_found') return keyNotFound(err);
  const code = FORWARDED_CODES.find((known) => known === err.code);
  if (code !== undefined) {
    const { key, errors } = err.problem;
    const extensions = { ...(key !== undefined && { key }), ...(errors !== undefined && { errors }) };
    return new ProblemException(code, err.message, { extensions, cause: err });
  }
  if (err.code === 'owner_suspended') {
    return new ProblemException(
      'account_suspended',
      'Your account is suspended. Contact the administrator.',
      {
        cause: err,
      },
    );
  }
  if (err.code === 'unavailable') return unavailable('keys_unavailable', err);
  // A wrong token or another version of the keys service: nothing that people can fix.
  return unavailable(`keys_said_${err.code}`, err);
}

function unavailable(reason: string, cause: Error): ProblemException {
  return new ProblemException('keys_unreachable', "Can't manage keys right now. Try again in a moment.", {
    headers: retryAfter(2),
    reason,
    cause,
  });
}
