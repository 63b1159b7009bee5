/** The part of the Fetch API that the client of the management API needs. */
export type Fetch = (
  url: string,
  init: {
    readonly method: string;
    readonly headers: Record<string, string>;
    readonly body?: string;
    readonly signal: AbortSignal;
  },
) => Promise<{ readonly status: number; json(): Promise<unknown> }>;

/**
 * A `fetch` that trusts the certificates in `ca` (PEM) instead of the system's, which Node's does not support. undici is
 * loaded with the first request, since applications that need none of this need not install it.
 */
export function fetchTrusting(ca: string): Fetch {
  const loaded = import('undici').then(({ Agent, fetch }) => {
    const dispatcher = new Agent({ connect: { ca } });
    const trusting: Fetch = (url, init) => fetch(url, { ...init, dispatcher });
    return trusting;
  });
  // Each request fails with it.
  loaded.catch(() => undefined);
  return async (url, init) => (await loaded)(url, init);
}
