import type { Dispatcher } from 'undici';

/** The longest wait that a receiver can ask for, in seconds. */
const MAX_SECONDS = 3600;

/**
 * The seconds in a `Retry-After` (RFC 9110 section 10.2.3), up to an hour. A moment counts from the `Date` of the same
 * answer, so that no other clock need agree with the receiver's. Undefined if there is none, or it cannot be read.
 */
export function retryAfterSeconds({
  'retry-after': after,
  date,
}: Dispatcher.ResponseData['headers']): number | undefined {
  if (typeof after !== 'string') return undefined;
  const seconds = /^\d{1,9}$/.test(after) ? Number(after) : (momentOf(after) - momentOf(date)) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(seconds, 0), MAX_SECONDS);
}

/** An HTTP-date (RFC 9110 section 5.6.7): `Date.parse` alone takes nearly anything for one. */
function momentOf(text: unknown): number {
  return typeof text === 'string' && text.endsWith(' GMT') ? Date.parse(text) : NaN;
}
