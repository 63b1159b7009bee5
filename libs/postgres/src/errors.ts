/** What PostgreSQL or the network says, in a few words: its messages name users and databases, never passwords. */
export function errorMessage(err: unknown): string {
  if (err instanceof AggregateError && err.errors.length > 0) return errorMessage(err.errors[0]);
  return err instanceof Error ? err.message || err.name : 'no reason given';
}

/**
 * What keeps PostgreSQL from doing what it is asked, while nothing is wrong with the statement.
 *
 * - `away`: a lost or refused connection; SQLSTATE classes 08 (connection), 53 (resources) and 57 (operator intervention,
 *   time-outs among it); a row that somebody else holds for too long (55P03). Whether a commit was made is not known.
 * - `read-only`: it takes no changes at present (25006). Nothing was changed.
 * - `conflict`: another transaction came in between (40001, 40P01). Nothing was changed, and a second attempt may succeed.
 */
export type DatabaseTrouble = 'away' | 'read-only' | 'conflict';

const SQLSTATES: readonly (readonly [RegExp, DatabaseTrouble])[] = [
  [/^(08|53|57)...$|^55P03$|^E(CONN|HOST|NET|PIPE|TIMEDOUT|NOTFOUND|AI_AGAIN)/, 'away'],
  [/^25006$/, 'read-only'],
  [/^40(001|P01)$/, 'conflict'],
];

/** What drivers say of a connection that is gone; they have no codes for it. */
const GONE =
  /Connection terminated|timeout exceeded when trying to connect|Query read timeout|is not queryable|already released|Cannot use a pool after calling end/;

/** The trouble that an error is about; undefined when it is about something else. */
export function databaseTrouble(err: unknown): DatabaseTrouble | undefined {
  if (err instanceof AggregateError)
    return err.errors.map(databaseTrouble).find((found) => found !== undefined);
  if (!(err instanceof Error)) return undefined;
  // Libraries wrap what the driver has thrown: TypeORM names it so.
  if ('driverError' in err && err.driverError !== err) return databaseTrouble(err.driverError);
  const code = 'code' in err && typeof err.code === 'string' ? err.code : '';
  return SQLSTATES.find(([codes]) => codes.test(code))?.[1] ?? (GONE.test(err.message) ? 'away' : undefined);
}
