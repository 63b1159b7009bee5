import { isIPv6 } from 'node:net';

/** Addresses that stand for all addresses of a machine, and the loopback address that reaches them. */
const EVERY: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** The host in a URL of a service that listens on `host`, from the same machine (RFC 3986 section 3.2.2). */
export function localHost(host: string): string {
  const address = EVERY[host] ?? host;
  return isIPv6(address) ? `[${address}]` : address;
}

/** The same for people: `localhost` if it reaches the service in any case. */
export function shownHost(host: string): string {
  return host in EVERY || host === '127.0.0.1' ? 'localhost' : localHost(host);
}
