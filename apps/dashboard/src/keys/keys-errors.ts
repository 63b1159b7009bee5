import { ManageRefused, ManageUnreachable } from '#libs/keys-client';
import { type ProblemCode, ProblemException, retryAfter } from '#libs/problems';

/** What keys says of a person's own keys, and people can do something about. */
const PASSED_ON: readonly ProblemCode[] = [
  'invalid_request',
  'not_found',
  'already_issued',
  'idempotency_key_reused',
  'too_many_keys',
];

/** What the management API's client throws, as the page is told it; undefined for what is not from there. */
export function keysProblem(err: unknown): ProblemException | undefined {
  if (err instanceof ManageUnreachable) return away('keys_away', err);
  if (!(err instanceof ManageRefused)) return undefined;
  const code = PASSED_ON.find((known) => known === err.code);
  if (code !== undefined) {
    const { key, errors } = err.problem;
    const extensions = { ...(key !== undefined && { key }), ...(errors !== undefined && { errors }) };
    return new ProblemException(code, err.message, { extensions, cause: err });
  }
  if (err.code === 'owner_suspended') {
    return new ProblemException(
      'account_suspended',
      'This account is suspended. Ask whoever runs this service.',
      {
        cause: err,
      },
    );
  }
  if (err.code === 'unavailable') return away('keys_unavailable', err);
  // Our credential is wrong, or keys is of another version: nothing that a person could mend.
  return away(`keys_said_${err.code}`, err);
}

function away(reason: string, cause: Error): ProblemException {
  return new ProblemException(
    'keys_unreachable',
    'Keys cannot be managed right now. Try again in a moment.',
    {
      headers: retryAfter(2),
      reason,
      cause,
    },
  );
}
