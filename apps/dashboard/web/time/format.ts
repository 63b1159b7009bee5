/** The page's words are English. Dates and numbers are as the person writes them, in the browser's time zone. */
const WORDS = 'en';
const LOCALES = navigator.languages;

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;
const MONTH = 30.44 * DAY;
const YEAR = 365.25 * DAY;

/** Up to how many of a unit are said before the next one is used. */
const UNITS = [
  ['minute', MINUTE, 60],
  ['hour', HOUR, 24],
  ['day', DAY, 60],
  ['month', MONTH, 12],
  ['year', YEAR, Infinity],
] as const;

const counted = new Intl.RelativeTimeFormat(WORDS, { numeric: 'always' });
/** Says `yesterday`. Not used for longer units: `last month` may be two days ago. */
const named = new Intl.RelativeTimeFormat(WORDS, { numeric: 'auto' });
const exact = new Intl.DateTimeFormat(LOCALES, { dateStyle: 'medium', timeStyle: 'long' });
const day = new Intl.DateTimeFormat(LOCALES, { dateStyle: 'medium' });
const weekday = new Intl.DateTimeFormat(WORDS, { weekday: 'short' });
const number = new Intl.NumberFormat(LOCALES);

/**
 * `3 minutes ago`, `in 2 days`. What lies ahead is rounded, so that an expiry chosen a while ago still reads as chosen: `in
 * 3 months`. Clocks differ, so a few seconds ahead is `just now`, too.
 */
export function relativeTime(at: string, now: number): string {
  const seconds = (Date.parse(at) - now) / 1000;
  const round = seconds > 0 ? Math.round : Math.trunc;
  if (seconds > -MINUTE && seconds < MINUTE / 4) return 'just now';
  if (seconds > 0 && seconds < MINUTE) return 'in less than a minute';
  const [unit, size] = UNITS.find(([, size, most]) => Math.abs(round(seconds / size)) < most) ?? UNITS[4];
  return (unit === 'day' ? named : counted).format(round(seconds / size), unit);
}

/** `Nov 24, 2026, 1:02:03 PM GMT+1`. */
export function exactTime(at: string | number): string {
  return exact.format(new Date(at));
}

/** `Nov 24, 2026`. */
export function dayOf(at: string | number): string {
  return day.format(new Date(at));
}

/** `Tue`. */
export function weekdayOf(at: number): string {
  return weekday.format(new Date(at));
}

/** `1,204`. */
export function countOf(count: number): string {
  return number.format(count);
}

/** `4 ms`, `2.2 s`. */
export function duration(ms: number): string {
  if (ms < 1) return 'less than 1 ms';
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
