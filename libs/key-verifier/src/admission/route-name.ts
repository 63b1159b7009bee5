import { MAX_ROUTE_LENGTH } from '#libs/keys-contract';

/** The parts of a request that reveal its pattern, in Fastify and in Express. */
export interface RoutedRequest {
  readonly method?: string;
  readonly routeOptions?: { readonly url?: string | undefined };
  /** Where Express has mounted the router. */
  readonly baseUrl?: string;
  readonly route?: { readonly path?: unknown };
}

/**
 * The name of a route in a key's activity, such as `GET /v1/desktops/:id`: printable ASCII without blanks after the
 * method, everything else percent-encoded as in a URL, and at most {@link MAX_ROUTE_LENGTH} characters.
 */
export function routeName(method: string, pattern: string): string {
  // A lone surrogate becomes the bytes of a replacement character.
  const path = pattern.replace(/[^\x21-\x7e]/gu, (character) =>
    encodeURIComponent(Buffer.from(character).toString()),
  );
  return `${method} ${path.startsWith('/') ? '' : '/'}${path}`.slice(0, MAX_ROUTE_LENGTH);
}

/** The name of a request's route; undefined if the framework does not reveal it. */
export function calledRouteName({
  method,
  routeOptions,
  baseUrl = '',
  route,
}: RoutedRequest): string | undefined {
  const inExpress = typeof route?.path === 'string' ? baseUrl + route.path : undefined;
  const pattern = routeOptions?.url ?? inExpress;
  return method === undefined || pattern === undefined ? undefined : routeName(method, pattern);
}
