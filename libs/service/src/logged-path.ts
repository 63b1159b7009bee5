import { beginningOf } from './shortened.js';

/** An `@`, or one that is percent-encoded (RFC 3986 section 2.1), with something on both sides. */
const EMAIL = /.(?:@|%(?:25)*40)./i;

/**
 * The path of a request for the log: without its query, and without email addresses. An email address may be the ID of an
 * owner, as with owners that the command line has created, and need not be in every log. The audit events contain it, and
 * an ID that is not an address stays, to look up what was done.
 */
export function loggedPath(url: string): string {
  const end = url.indexOf('?');
  const path = beginningOf(end < 0 ? url : url.slice(0, end));
  if (!EMAIL.test(path)) return path;
  return path
    .split('/')
    .map((part) => (EMAIL.test(part) ? '[email]' : part))
    .join('/');
}
