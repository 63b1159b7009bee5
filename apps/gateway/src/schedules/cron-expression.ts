import { Cron } from 'croner';
import { Field } from '#libs/fields';

/**
 * Five fields of numbers and names, as every cron reads them; the letters that only some know are left out. Digits one by
 * one: if `12` could be read as a number and as two, the ways to read a long one would double with each digit.
 */
const FIVE_FIELDS = /^(?:\d|[a-z]{3}|[*,/-])+(?: (?:\d|[a-z]{3}|[*,/-])+){4}$/i;

/** As much of that as holds in any case of letters, which JSON Schema cannot leave open. */
const FIELDS_APART = '^[0-9A-Za-z*,/-]+(?: [0-9A-Za-z*,/-]+){4}$';

/** When a job runs: a cron expression that comes true on some day. */
export function CronExpression(): PropertyDecorator {
  return Field({
    schema: { type: 'string', maxLength: 100, pattern: FIELDS_APART, example: '0 9 * * 1-5' },
    sentence: 'Cron expression must have five fields, such as 0 9 * * 1-5, and match some day.',
    test: (value) =>
      typeof value === 'string' && value.length <= 100 && FIVE_FIELDS.test(value) && comesTrue(value),
  });
}

/** A leap day comes at least once in eight years, as around 2100; whatever has not come true by then never does. */
const LONGEST_WAIT_YEARS = 8;

/** Looked for in those years alone: without an end, one that never comes true is looked for through four centuries. */
function comesTrue(expression: string): boolean {
  const year = new Date().getUTCFullYear();
  const withinYears = `0 ${expression} ${year}-${year + LONGEST_WAIT_YEARS}`;
  try {
    return new Cron(withinYears, { paused: true, mode: '7-part', timezone: 'UTC' }).nextRun() !== null;
  } catch {
    return false;
  }
}
