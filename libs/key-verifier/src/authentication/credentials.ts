import { unescape } from 'node:querystring';

/** The credential of a request. `other`: of another scheme, which counts as none. */
export type Credentials =
  | { readonly outcome: 'bearer'; readonly token: string }
  | { readonly outcome: 'none' | 'other' }
  | { readonly outcome: 'malformed'; readonly detail: string };

/** The parts of a request that may hold credentials, as Express and Fastify both have them. */
export interface CredentialCarrier {
  /** Missing for a message, which has none. */
  readonly url?: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Node's request, which Fastify wraps. */
  readonly raw?: { readonly rawHeaders: readonly string[] };
  readonly rawHeaders?: readonly string[];
}

/** A Bearer token of RFC 6750 section 2.1. */
const BEARER = /^bearer +[A-Za-z0-9\-._~+/]+=*$/i;

/** The names of credentials in URLs, by RFC 6750 section 2.3 and in other APIs. */
const CREDENTIAL_PARAMETER = /(?:^|&)(?:access(?:_|%5f)token|api(?:_|%5f)key)=/i;

/** An ID and a secret, after the prefix. Sticky: it only matches at `lastIndex`. */
const AFTER_PREFIX = /[0-9A-Za-z]{22}_[0-9A-Za-z]{46}/y;

/** The maximum length of a token, in characters: far longer than any key of ours. */
const MAX_TOKEN = 512;

/**
 * Reads the credential of a request: one Authorization header (RFC 6750 section 2.1). A key in the URL is refused with a
 * sentence, since URLs end up in logs; so are the parameters that other APIs have for keys.
 */
export function readCredentials(req: CredentialCarrier, prefix: string): Credentials {
  const { url = '' } = req;
  const start = url.indexOf('?');
  if (start >= 0) {
    const query = url.slice(start + 1);
    if (hasKey(unescape(query), `${prefix}_`)) {
      return malformed(
        'Send the key in the Authorization header, never in the URL: revoke this one, it is in logs now.',
      );
    }
    if (CREDENTIAL_PARAMETER.test(query))
      return malformed('Send the key in the Authorization header, never in the URL.');
  }
  const { authorization } = req.headers;
  if (authorization === undefined) return { outcome: 'none' };
  if (typeof authorization !== 'string' || countAuthorization(req) > 1) {
    return malformed('Send one Authorization header, with one key.');
  }
  if (BEARER.test(authorization)) {
    const token = authorization.slice('Bearer '.length).trimStart();
    if (token.length <= MAX_TOKEN) return { outcome: 'bearer', token };
  }
  if (!/^bearer\b/i.test(authorization)) return { outcome: 'other' };
  return malformed('Send the key as "Authorization: Bearer <key>", with one space and nothing after it.');
}

function malformed(detail: string): Credentials {
  return { outcome: 'malformed', detail };
}

/** Whether the text contains a whole key anywhere: one that only begins like a key is an ordinary text. */
function hasKey(text: string, beginning: string): boolean {
  for (let at = text.indexOf(beginning); at >= 0; at = text.indexOf(beginning, at + 1)) {
    AFTER_PREFIX.lastIndex = at + beginning.length;
    if (AFTER_PREFIX.test(text)) return true;
  }
  return false;
}

/** Node keeps the first of several Authorization headers and drops the others; which one was meant is not for us to say. */
function countAuthorization({ raw, rawHeaders = raw?.rawHeaders ?? [] }: CredentialCarrier): number {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (name.length === 13 && name.toLowerCase() === 'authorization') count++;
  }
  return count;
}
