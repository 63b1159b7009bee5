/** What PostgreSQL or the network says, in a few words: its messages name users and databases, never passwords. */
export function wordsOf(err: unknown): string {
  if (err instanceof AggregateError && err.errors.length > 0) return wordsOf(err.errors[0]);
  return err instanceof Error ? err.message || err.name : 'no reason given';
}

/**
 * Whether an error says that PostgreSQL is away rather than that a statement is wrong: a lost or refused connection,
 * SQLSTATE classes 08 (connection), 53 (resources) and 57 (operator intervention, time-outs among it), or a row that
 * somebody else holds for too long (55P03).
 */
export function isDatabaseAway(err: unknown): boolean {
  if (err instanceof AggregateError) return err.errors.some(isDatabaseAway);
  if (!(err instanceof Error)) return false;
  // Libraries wrap what the driver has thrown: TypeORM names it so.
  if ('driverError' in err && err.driverError !== err) return isDatabaseAway(err.driverError);
  if (/Connection terminated|timeout exceeded when trying to connect|Query read timeout/.test(err.message))
    return true;
  const code = 'code' in err && typeof err.code === 'string' ? err.code : '';
  return /^(08|53|57)...$|^55P03$|^E(CONN|HOST|NET|PIPE|TIMEDOUT|NOTFOUND|AI_AGAIN)/.test(code);
}
