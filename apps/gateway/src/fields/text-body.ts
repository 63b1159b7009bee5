import { BodyLimit } from '#libs/service';

/** The maximum body size of a route without long texts, in bytes. */
export const BODY_LIMIT = 4 * 1024;

/** The maximum body size of any route, in bytes. */
const MAX_BODY_LIMIT = 1024 * 1024;

/** JSON may write a character beyond the first 65,536 as two escapes of 6 bytes each (RFC 8259 section 7). */
const MAX_BYTES_PER_CHARACTER = 12;

/** Lets a route's body contain texts of so many characters altogether. */
export function TextBody(characters: number): MethodDecorator {
  return BodyLimit(Math.min(BODY_LIMIT + characters * MAX_BYTES_PER_CHARACTER, MAX_BODY_LIMIT));
}
