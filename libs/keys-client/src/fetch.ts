import { Agent, fetch } from 'undici';

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

/** A `fetch` that trusts the certificates in `ca` (PEM) instead of the system's, which Node's does not support. */
export function fetchTrusting(ca: string): Fetch {
  const dispatcher = new Agent({ connect: { ca } });
  return (url, init) => fetch(url, { ...init, dispatcher });
}
