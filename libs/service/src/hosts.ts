import { isIPv6 } from 'node:net';

/** Addresses that stand for all of a machine's, and what of them is reached from the machine itself. */
const EVERY: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** How a service that listens on `host` is reached from its own machine, as a URL has it (RFC 3986 section 3.2.2). */
export function localHost(host: string): string {
  const address = EVERY[host] ?? host;
  return isIPv6(address) ? `[${address}]` : address;
}

/** The same as people are told it: `localhost` where that leads there, whatever it resolves to. */
export function shownHost(host: string): string {
  return host in EVERY || host === '127.0.0.1' ? 'localhost' : localHost(host);
}
