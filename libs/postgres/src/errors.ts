import { types } from 'node:util';
/** The error of PostgreSQL or the network, in a few words: it may name users and databases, never passwords. */
export function errorMessage(err: unknown): string {
  if (err instanceof AggregateError && err.errors.length > 0) return errorMessage(err.errors[0]);
  // Node's own errors are of another realm than code that runs in jest.
  return err instanceof Error || types.isNativeError(err) ? err.message || err.name : 'no reason given';
}

/**
 * Why PostgreSQL cannot run a statement, although nothing is wrong with the statement.
 *
 * - `unavailable`: a lost or refused connection; SQLSTATE classes 08 (connection), 53 (resources) and 57 (operator
 *   intervention, including timeouts); a row that stays locked for too long (55P03). A commit may or may not have been made.
 * - `read-only`: it accepts no changes at the moment (25006). Nothing was changed.
 * - `conflict`: another transaction interfered (40001, 40P01). Nothing was changed, and a second attempt may succeed.
 */
export type DatabaseTrouble = 'unavailable' | 'read-only' | 'conflict';

const SQLSTATES: readonly (readonly [RegExp, DatabaseTrouble])[] = [
  [/^(08|53|57)...$|^55P03$|^E(CONN|HOST|NET|PIPE|TIMEDOUT|NOTFOUND|AI_AGAIN)/, 'unavailable'],
  [/^25006$/, 'read-only'],
  [/^40(001|P01)$/, 'conflict'],
];

/** Drivers' messages about a lost connection, for which they have no codes. */
const GONE =
  /Connection terminated|timeout exceeded when trying to connect|Query read timeout|is not queryable|already released|Cannot use a pool after calling end/;

/** The trouble that an error is about; undefined if it is about something else. */
export function databaseTrouble(err: unknown): DatabaseTrouble | undefined {
  if (err instanceof AggregateError)
    return err.errors.map(databaseTrouble).find((found) => found !== undefined);
  if (!(err instanceof Error)) return undefined;
  // Libraries wrap the driver's error; TypeORM calls it `driverError`.
  if ('driverError' in err && err.driverError !== err) return databaseTrouble(err.driverError);
  const code = 'code' in err && typeof err.code === 'string' ? err.code : '';
  return (
    SQLSTATES.find(([codes]) => codes.test(code))?.[1] ?? (GONE.test(err.message) ? 'unavailable' : undefined)
  );
}
