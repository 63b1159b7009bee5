/** Where better-auth's endpoints are, at the dashboard as within better-auth. */
export const BASE_PATH = '/api/auth';

/** An endpoint of better-auth that we call by name, such as `/sign-in/email`, with the query of a request. */
export interface Endpoint {
  readonly path: `/${string}`;
  /** As Fastify has parsed it. */
  readonly query?: unknown;
}

/**
 * The address of an endpoint, put together from parts that we know. Parsing the address of a request would let it lead
 * elsewhere: to a URL parser, `callback/..\\list-sessions` is another endpoint, which we do not offer. Encoding the query
 * anew keeps better-auth's parser from throwing for each wrong escape, 20 ms for a query as long as headers may be.
 * Throws when the path is not what better-auth would see.
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
