const LANGUAGE = 'en';
const UNITS = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

const counted = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: 'always' });
/** Says `yesterday`. Not used for longer units: `last month` may be two days ago. */
const named = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: 'auto' });
const exact = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: 'medium', timeStyle: 'medium' });
const day = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: 'medium' });

/** `3 minutes ago`, `in 2 days`. Clocks differ, so a few seconds ahead is `just now`, too. */
export function relativeTime(at: string, now: number): string {
  const ahead = (Date.parse(at) - now) / 1000;
  // Rounded up, so that an expiry chosen a few seconds ago still reads as chosen: `in 1 hour`, not `in 59 minutes`.
  const seconds = ahead > 15 ? ahead + 59 : ahead;
  const unit = UNITS.find(([, size]) => Math.abs(seconds) >= size);
  if (unit === undefined) return 'just now';
  return (unit[0] === 'day' ? named : counted).format(Math.trunc(seconds / unit[1]), unit[0]);
}

/** `Nov 24, 2026, 1:02:03 PM`, in the browser's time zone, as all of these are. */
export function exactTime(at: string): string {
  return exact.format(new Date(at));
}

/** `Nov 24, 2026`. */
export function dayOf(at: string | number): string {
  return day.format(new Date(at));
}

/** `4 ms`, `2.2 s`. */
export function duration(ms: number): string {
  if (ms < 1) return 'less than 1 ms';
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
