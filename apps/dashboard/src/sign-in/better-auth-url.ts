/** The base path of better-auth's endpoints, both here and within better-auth. */
export const BASE_PATH = '/api/auth';

/** An endpoint of better-auth, such as `/sign-in/email`, with the query of a request. */
export interface Endpoint {
  readonly path: `/${string}`;
  /** As parsed by Fastify. */
  readonly query?: unknown;
}

/**
 * Builds the URL of an endpoint from known parts. The URL of a request could lead to another endpoint, which is not open:
 * URL parsers read `callback/..\\list-sessions` as `list-sessions`. The query is re-encoded, since better-auth's parser
 * throws for every invalid escape, which takes 20 ms for the longest possible query. Throws if URL parsing changes the
 * path.
 */
export function betterAuthUrl({ path, query }: Endpoint, origin: string): URL {
  const url = new URL(BASE_PATH + path, origin);
  if (url.pathname !== BASE_PATH + path) throw new Error(`not the path of an endpoint: ${path}`);
  const parameters = new URLSearchParams();
  for (const [name, values] of Object.entries(query ?? {})) {
    for (const value of [values].flat()) parameters.append(name, String(value));
  }
  url.search = parameters.toString();
  return url;
}
