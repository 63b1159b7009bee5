import { beginningOf } from './shortened.js';

/** An `@`, or one that is percent-encoded (RFC 3986 section 2.1), with something on both sides. */
const EMAIL = /.(?:@|%(?:25)*40)./i;

/**
 * The path of a request as the log has it: without its query, and without email addresses. An owner of keys may go by
 * theirs, as those do whom the command line has made; who they are need not stand in every log. The audit tells those who
 * may know, and an id that is no address stays, to look up what was done.
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
