import { BodyLimit } from '#libs/service';

/** The largest body of a route that takes no longer texts, in bytes. */
export const BODY_LIMIT = 4 * 1024;

/** The largest body of any route, in bytes. */
const MAX_BODY_LIMIT = 1024 * 1024;

/** As JSON may write a character beyond the first 65,536: as two escapes of 6 bytes each (RFC 8259 section 7). */
const MAX_BYTES_PER_CHARACTER = 12;

/** Gives a route's body room for texts of so many characters altogether. */
export function TextBody(characters: number): MethodDecorator {
  return BodyLimit(Math.min(BODY_LIMIT + characters * MAX_BYTES_PER_CHARACTER, MAX_BODY_LIMIT));
}
