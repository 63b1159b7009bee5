import { lookup } from 'node:dns/promises';
import { isIP, isIPv6 } from 'node:net';
import type { ConnectionOptions } from 'node:tls';

/** Resolves a name to addresses: `dns.lookup` with `all`, or a test's function. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** Where a service listens, by name. */
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

/** Parses comma-separated endpoints: `tcp://keys:3002` or `tls://keys-1:3002,tls://keys-2:3002`. */
export function parseEndpoints(urls: string): Endpoint[] {
  return urls.split(',').map((text) => {
    const { protocol, hostname, port } = new URL(text);
    if ((protocol !== 'tcp:' && protocol !== 'tls:') || hostname === '' || port === '') {
      throw new RangeError('an endpoint of the verification RPC must look like tcp://keys:3002');
    }
    return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port), tls: protocol === 'tls:' };
  });
}

/** Every address of every endpoint; names that do not resolve are skipped. */
export async function resolveEndpoints(
  endpoints: readonly Endpoint[],
  resolve: Resolve = systemResolve,
): Promise<Address[]> {
  const found = await Promise.allSettled(
    endpoints.map(async (endpoint) => (await resolve(endpoint.host)).map((ip) => ({ ...endpoint, ip }))),
  );
  return found.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
}

/** The notation of an address: `10.0.0.7:3002`. */
export function nameOf({ ip, port }: Address): string {
  return isIPv6(ip) ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/** Options for TLS: the certificate must be for the service's name, not for the replica's address. */
export function tlsOptionsOf(
  { host, tls }: Endpoint,
  ca: string | undefined,
): { tlsOptions?: ConnectionOptions } {
  if (!tls) return {};
  return { tlsOptions: { ...(isIP(host) === 0 && { servername: host }), ...(ca !== undefined && { ca }) } };
}
