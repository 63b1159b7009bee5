/** What a request offers as its credential. `other`: a scheme that is not ours, which counts as none. */
export type Credentials =
  | { readonly outcome: 'bearer'; readonly token: string }
  | { readonly outcome: 'none' | 'other' }
  | { readonly outcome: 'malformed'; readonly detail: string };

/** The parts of a request that may hold credentials, as Express and Fastify both have them. */
export interface CredentialCarrier {
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Node's own request, where Fastify wraps it. */
  readonly raw?: { readonly rawHeaders: readonly string[] };
  readonly rawHeaders?: readonly string[];
}

/** A Bearer token as RFC 6750 section 2.1 writes it. */
const BEARER = /^bearer +[A-Za-z0-9\-._~+/]+=*$/i;

/** The longest token that is looked at, in characters: no key of ours is near that long. */
const MAX_TOKEN = 512;

/**
 * Reads the credential of a request: the Authorization header, once (RFC 6750 section 2.1). A key in the address is
 * refused with a sentence, since addresses end up in logs.
 */
export function readCredentials(req: CredentialCarrier, prefix: string): Credentials {
  if (hasKeyInQuery(req.url, prefix)) {
    return malformed(
      'Send the key in the Authorization header, never in the address: revoke this one, it is in logs now.',
    );
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
  return malformed('Send the key as "Authorization: Bearer <key>", with one space and nothing behind it.');
}

function malformed(detail: string): Credentials {
  return { outcome: 'malformed', detail };
}

function hasKeyInQuery(url: string, prefix: string): boolean {
  const at = url.indexOf('?');
  if (at < 0) return false;
  const query = decoded(url.slice(at + 1));
  return /(?:^|&)(?:access_token|api_key)=/i.test(query) || query.includes(`${prefix}_`);
}

/** What cannot be decoded is looked at as it is. */
function decoded(query: string): string {
  try {
    return decodeURIComponent(query);
  } catch {
    return query;
  }
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
