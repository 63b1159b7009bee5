import { lookup } from 'node:dns/promises';
import { isIP, isIPv6 } from 'node:net';
import type { ConnectionOptions } from 'node:tls';

/** How a name becomes addresses: `dns.lookup` with `all`, or a test's own. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** A place where a service listens, by name. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

/** An {@link Endpoint} by address: one replica. */
export interface Address extends Endpoint {
  readonly ip: string;
}

const systemResolve: Resolve = async (host) =>
  (await lookup(host, { all: true })).map(({ address }) => address);

/** Endpoints written as addresses with commas between them: `tcp://keys:3002` or `tls://keys-1:3002,tls://keys-2:3002`. */
export function parseEndpoints(urls: string): Endpoint[] {
  return urls.split(',').map((text) => {
    const { protocol, hostname, port } = new URL(text);
    if ((protocol !== 'tcp:' && protocol !== 'tls:') || hostname === '' || port === '') {
      throw new RangeError('an endpoint of the verification RPC looks like tcp://keys:3002');
    }
    return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port), tls: protocol === 'tls:' };
  });
}

/** Every address behind every endpoint; those whose name does not resolve are left out. */
export async function resolveEndpoints(
  endpoints: readonly Endpoint[],
  resolve: Resolve = systemResolve,
): Promise<Address[]> {
  const found = await Promise.allSettled(
    endpoints.map(async (endpoint) => (await resolve(endpoint.host)).map((ip) => ({ ...endpoint, ip }))),
  );
  return found.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
}

/** How an address is written: `10.0.0.7:3002`. */
export function nameOf({ ip, port }: Address): string {
  return isIPv6(ip) ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/** What TLS needs to know: the name that the certificate must be for is the service's, not the replica's address. */
export function tlsOptionsOf(
  { host, tls }: Endpoint,
  ca: string | undefined,
): { tlsOptions?: ConnectionOptions } {
  if (!tls) return {};
  return { tlsOptions: { ...(isIP(host) === 0 && { servername: host }), ...(ca !== undefined && { ca }) } };
}
