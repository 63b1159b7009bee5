/** What may be the secret part of a key, after its ID. */
const AFTER_ID = /_[0-9A-Za-z]{8,}/g;
const ID = /^[0-9A-Za-z]{22}$/;
/** A bcrypt hash. */
const HASH = /\$2[aby]\$\d\d\$[./A-Za-z0-9]{20,53}/g;
/** What follows `Bearer ` in a header that an error message has quoted. */
const BEARER = /(\bbearer\s+)([\w.~+/-]{8,}=*)/gi;
/** The beginning of a URL, up to the `@` after its password if it has one. */
const ADDRESS = /:\/\/[^\s@"]*@?/g;
/** Characters that separate texts in a line of JSON. */
const WORD = /[^\s"\\]+/g;

/** How many times something may be percent-encoded, once around the other. */
const MAX_ENCODINGS = 4;

/**
 * `text` with every key, bearer token, password in a URL and one of `secrets` redacted, even if it is percent-encoded
 * completely or in part (RFC 3986 section 2.1), and repeatedly. Its time is linear in the length of the text.
 */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return withoutPlain(hasEncodedSecret(text, secrets) ? withoutEncodedSecrets(text, secrets) : text, secrets);
}

/** Reads the whole text at once, since most texts have none and a word costs more than its characters. */
function hasEncodedSecret(text: string, secrets: readonly string[]): boolean {
  if (!text.includes('%')) return false;
  const decoded = decode(text);
  return decoded !== text && (decoded === undefined || withoutPlain(decoded, secrets) !== decoded);
}

function withoutEncodedSecrets(text: string, secrets: readonly string[]): string {
  return text.replace(WORD, (word) => withoutEncoded(word, secrets));
}

function withoutPlain(text: string, secrets: readonly string[]): string {
  let clean = text
    .replace(AFTER_ID, withoutSecretPart)
    .replace(HASH, '[redacted]')
    .replace(BEARER, withoutToken)
    .replace(ADDRESS, withoutPassword);
  for (const secret of secrets) clean = clean.replaceAll(secret, '[redacted]');
  return clean;
}

/** The public part of our keys stays. */
function withoutToken(header: string, scheme: string, token: string): string {
  return token.startsWith('sk_') ? header : `${scheme}[redacted]`;
}

/** The ID is public. */
function withoutSecretPart(part: string, at: number, text: string): string {
  return ID.test(text.slice(Math.max(0, at - 22), at)) ? '_[redacted]' : part;
}

/** A harmless word stays as it was written. */
function withoutEncoded(word: string, secrets: readonly string[]): string {
  if (!word.includes('%')) return word;
  const decoded = decode(word);
  if (decoded === undefined) return `[percent-encoded more than ${MAX_ENCODINGS} times]`;
  if (decoded === word) return word;
  const clean = withoutPlain(decoded, secrets);
  // Decoded text may contain quotes and line breaks, and becomes part of JSON.
  return clean === decoded ? word : JSON.stringify(clean).slice(1, -1);
}

/** Decodes until nothing changes; undefined if that takes too many rounds. */
function decode(word: string): string | undefined {
  let decoded = word;
  for (let times = 0; times <= MAX_ENCODINGS; times++) {
    const next = decodeOnce(decoded);
    if (next === decoded) return decoded;
    decoded = next;
  }
  return undefined;
}

/** Invalid encodings stay as they are. `decodeURIComponent` would throw, which is slow if there are many of those. */
function decodeOnce(text: string): string {
  let decoded = '';
  let from = 0;
  for (let at = text.indexOf('%'); at >= 0; at = text.indexOf('%', at + 1)) {
    const code = 16 * hexDigit(text.charCodeAt(at + 1)) + hexDigit(text.charCodeAt(at + 2));
    if (Number.isNaN(code)) continue;
    decoded += text.slice(from, at) + String.fromCharCode(code);
    from = at + 3;
  }
  return decoded + text.slice(from);
}

/** The value of a digit, by its character code. */
function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const small = code | 0x20;
  return small >= 0x61 && small <= 0x66 ? small - 0x57 : NaN;
}

/** What looks like one URL may contain several: the password is that of the first that has one. */
function withoutPassword(address: string): string {
  if (!address.endsWith('@')) return address;
  for (let at = 0; at >= 0; at = address.indexOf('://', at + 1)) {
    const user = at + '://'.length;
    const end = address.slice(user).search(/[:/]/) + user;
    if (address[end] === ':') return `${address.slice(0, end)}:[redacted]@`;
  }
  return address;
}
