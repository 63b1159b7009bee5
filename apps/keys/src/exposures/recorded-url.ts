import { MAX_EXPOSURE_URL } from '#libs/keys-contract';
import { withoutSecrets } from '#libs/service';

/** Control characters, and halves of characters, which PostgreSQL does not store. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;

/**
 * The URL where a key was found, as it is recorded: without keys and passwords that are in it, and cut off if it is long.
 * Null if there is none, or if it contains control characters.
 */
export function recordedUrl(url: string | null): string | null {
  if (url === null || url === '' || UNPRINTABLE.test(url)) return null;
  return Array.from(withoutSecrets(url, [])).slice(0, MAX_EXPOSURE_URL).join('');
}
