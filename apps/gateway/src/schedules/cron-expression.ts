import { Cron } from 'croner';
import { Field } from '#libs/fields';

/**
 * Five fields of numbers and names, as every cron reads them, without letters that only some support. Digits match one by
 * one: if `12` could match as a number and as two, the ways to match a long one would double with each digit.
 */
const FIVE_FIELDS = /^(?:\d|[a-z]{3}|[*,/-])+(?: (?:\d|[a-z]{3}|[*,/-])+){4}$/i;

/** For JSON Schema, which cannot ignore case: whatever {@link FIVE_FIELDS} matches, and more. */
const DOCUMENTED_PATTERN = '^[0-9A-Za-z*,/-]+(?: [0-9A-Za-z*,/-]+){4}$';

/** When a job runs: a cron expression that matches some day. */
export function CronExpression(): PropertyDecorator {
  return Field({
    schema: { type: 'string', maxLength: 100, pattern: DOCUMENTED_PATTERN, example: '0 9 * * 1-5' },
    sentence: 'Cron expression must have five fields, such as 0 9 * * 1-5, and match some day.',
    test: (value) =>
      typeof value === 'string' && value.length <= 100 && FIVE_FIELDS.test(value) && everMatches(value),
  });
}

/** A leap day comes at least once in eight years, as around 2100; whatever has not come true by then never does. */
const MAX_WAIT_YEARS = 8;

/** Only looks at those years: without an end, the search for an impossible day goes through four centuries. */
function everMatches(expression: string): boolean {
  const year = new Date().getUTCFullYear();
  const withinYears = `0 ${expression} ${year}-${year + MAX_WAIT_YEARS}`;
  try {
    return new Cron(withinYears, { paused: true, mode: '7-part', timezone: 'UTC' }).nextRun() !== null;
  } catch {
    return false;
  }
}
