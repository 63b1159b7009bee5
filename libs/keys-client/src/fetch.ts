import { Agent, fetch } from 'undici';

/** As much of the Fetch API as the client of the management API needs. */
export type Fetch = (
  url: string,
  init: {
    readonly method: string;
    readonly headers: Record<string, string>;
    readonly body?: string;
    readonly signal: AbortSignal;
  },
) => Promise<{ readonly status: number; json(): Promise<unknown> }>;

/** `fetch` that trusts the certificates in `ca` (PEM) instead of the system's. The one of Node cannot be told that. */
export function fetchTrusting(ca: string): Fetch {
  const dispatcher = new Agent({ connect: { ca } });
  return (url, init) => fetch(url, { ...init, dispatcher });
}
