import { Field } from './field.js';

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/i;

/** A moment that exists, as RFC 3339 section 5.6 writes it: with its offset from UTC. */
export function Timestamp(what: string): PropertyDecorator {
  return Field({
    sentence: `${what} must be a time such as 2027-01-31T12:00:00Z.`,
    schema: { type: 'string', format: 'date-time' },
    test: (value) => typeof value === 'string' && TIMESTAMP.test(value) && existsOnTheCalendar(value),
  });
}

const TIME_ZONE = /^[A-Za-z][A-Za-z0-9_+/-]{1,63}$/;

/** A name of the IANA time zone database that this process knows. */
export function TimeZone(): PropertyDecorator {
  return Field({
    sentence: 'Time zone must be an IANA name such as Europe/Paris.',
    schema: { type: 'string', pattern: TIME_ZONE.source, example: 'Europe/Paris' },
    test: (value) => typeof value === 'string' && TIME_ZONE.test(value) && isTimeZone(value),
  });
}

/** `new Date` turns 31 February into March, and 24:00 into the next day; a moment that moves does not exist. */
function existsOnTheCalendar(text: string): boolean {
  const [year, month, day] = text.slice(0, 10).split('-').map(Number);
  const date = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  const isDay =
    date.getUTCFullYear() === year && date.getUTCMonth() + 1 === month && date.getUTCDate() === day;
  const moment = new Date(text);
  return isDay && !text.slice(11).startsWith('24') && moment.getUTCFullYear() <= 9999;
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
