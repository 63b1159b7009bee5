import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { type LookupFunction, isIP } from 'node:net';
import { buildConnector } from 'undici';
import { isInternetAddress } from './internet-address.js';

/** Resolves a name to all its addresses, like `dns.lookup`, or a test's function. */
export type Resolve = (
  host: string,
  options: LookupOptions & { readonly all: true },
  callback: (err: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** A host has no address that may be connected to. */
export class PrivateAddress extends Error {
  override readonly name = 'PrivateAddress';

  constructor(host: string) {
    super(
      `${host} is not an address of the internet, and WEBHOOK_ALLOW_PRIVATE does not allow private addresses`,
    );
  }
}

/**
 * Connects to addresses of the internet alone, for `Agent` of undici. What is checked is each address that the socket
 * connects to: a name that resolves to another address a moment later, or that a check elsewhere would read differently,
 * gains nothing.
 */
export function internetConnector(
  options: buildConnector.BuildOptions,
  resolve?: Resolve,
): buildConnector.connector {
  const connect = buildConnector({ ...options, lookup: internetLookup(resolve) });
  return (target, callback) => {
    // An address in the URL is connected to without a lookup.
    if (isIP(target.hostname) !== 0 && !isInternetAddress(target.hostname))
      callback(new PrivateAddress(target.hostname), null);
    else connect(target, callback);
  };
}

/** Resolves names to those of their addresses that are on the internet, for `net.connect`. */
export function internetLookup(resolve: Resolve = lookup): LookupFunction {
  return (host, options, callback) => {
    resolve(host, { ...options, all: true }, (err, addresses) => {
      const allowed = err === null ? addresses.filter(({ address }) => isInternetAddress(address)) : [];
      const [first] = allowed;
      if (first === undefined) callback(err ?? new PrivateAddress(host), '', 0);
      else if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}
