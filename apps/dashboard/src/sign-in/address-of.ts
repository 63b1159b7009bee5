/** A request, as far as its address goes. */
interface Addressed {
  readonly url: string;
  /** As Fastify has parsed it. */
  readonly query: unknown;
}

/**
 * The whole address of a request, with the query encoded by us. What a caller has encoded wrongly would cost its parser
 * an exception each: 20 ms for a query as long as headers may be.
 */
export function addressOf({ url, query }: Addressed, origin: string): URL {
  const parameters = new URLSearchParams();
  for (const [name, values] of Object.entries(query ?? {})) {
    for (const value of [values].flat()) parameters.append(name, String(value));
  }
  const [path = ''] = url.split('?', 1);
  const address = new URL(path, origin);
  address.search = parameters.toString();
  return address;
}
