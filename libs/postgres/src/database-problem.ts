import { declareProblems, retryAfter } from '#libs/problems';
import { type DatabaseTrouble, databaseTrouble } from './errors.js';

const REASONS = {
  database_unavailable: 'PostgreSQL does not respond',
  database_read_only: 'PostgreSQL accepts no changes at the moment',
  database_conflict: 'another change was made at the same time',
} as const;

/** A problem with PostgreSQL. */
export class DatabaseProblem extends declareProblems({ codes: {}, reasons: REASONS }) {}

interface Answer {
  readonly detail: string;
  readonly retryAfterSeconds: number;
  readonly reason: keyof typeof REASONS;
}

const ANSWERS: Readonly<Record<Exclude<DatabaseTrouble, 'unavailable'>, Answer>> = {
  'read-only': {
    detail: 'The database is read-only at the moment. Nothing was changed: try again later.',
    retryAfterSeconds: 30,
    reason: 'database_read_only',
  },
  conflict: {
    detail: 'Another change was made at the same time. Nothing was changed: try again.',
    retryAfterSeconds: 1,
    reason: 'database_conflict',
  },
};

/**
 * The response to a request that PostgreSQL prevents, 503 with `Retry-After`; undefined for other errors.
 * `whenUnavailable`: the sentence for a database that does not answer, when the change may have been made.
 */
export function databaseProblem(err: unknown, whenUnavailable: string): DatabaseProblem | undefined {
  const trouble = databaseTrouble(err);
  if (trouble === undefined) return undefined;
  const unavailable: Answer = {
    detail: whenUnavailable,
    retryAfterSeconds: 5,
    reason: 'database_unavailable',
  };
  const { detail, retryAfterSeconds, reason } = trouble === 'unavailable' ? unavailable : ANSWERS[trouble];
  return new DatabaseProblem('unavailable', detail, {
    headers: retryAfter(retryAfterSeconds),
    reason,
    cause: err,
  });
}
