import { Cron } from 'croner';
import { rule } from '../fields/fields.js';

/** Five fields of numbers and names, as every cron reads them; the letters that only some know are left out. */
const FIELD = '(?:\\d{1,2}|[a-z]{3}|[*,/-])+';
const FIVE_FIELDS = new RegExp(`^${FIELD}(?: ${FIELD}){4}$`, 'i');

/** As much of that as holds in any case of letters, which JSON Schema cannot leave open. */
const FIELDS_APART = '^[0-9A-Za-z*,/-]+(?: [0-9A-Za-z*,/-]+){4}$';

/** When a job runs: a cron expression that comes true on some day. */
export function CronExpression(): PropertyDecorator {
  return rule({
    schema: { type: 'string', maxLength: 100, pattern: FIELDS_APART, example: '0 9 * * 1-5' },
    sentence: 'The cron expression has five fields, such as 0 9 * * 1-5, and comes true on some day.',
    test: (value) =>
      typeof value === 'string' && value.length <= 100 && FIVE_FIELDS.test(value) && comesTrue(value),
  });
}

const ZONE = /^[A-Za-z][A-Za-z0-9_+/-]{1,63}$/;

/** A name of the IANA time zone database that this process knows. */
export function TimeZone(): PropertyDecorator {
  return rule({
    schema: { type: 'string', pattern: ZONE.source, example: 'Europe/Paris' },
    sentence: 'The time zone is a name such as Europe/Paris.',
    test: (value) => typeof value === 'string' && ZONE.test(value) && isTimeZone(value),
  });
}

function comesTrue(expression: string): boolean {
  try {
    return new Cron(expression, { paused: true, mode: '5-part', timezone: 'UTC' }).nextRun() !== null;
  } catch {
    return false;
  }
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
