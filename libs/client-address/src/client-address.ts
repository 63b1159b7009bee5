import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** An address followed by a port, with or without brackets, as some proxies write it: `[2001:db8::1]:49152`. */
const WITH_PORT = /^\[?([^\]]{0,64}?)\]?(?::\d{1,5})?$/;

/** How many texts are remembered, so that what each client sends again and again is read once. */
const MAX_KNOWN = 10_000;
const KNOWN = new Map<string, string>();

/** The longest text that can be an address with a zone, in brackets and with a port. */
const MAX_LENGTH = 80;

/**
 * The IP address in `text`, which a framework has read from a socket or from a header of a trusted proxy; empty if there
 * is none. A port, brackets and a zone are removed. An IPv4-mapped IPv6 address becomes the IPv4 address (RFC 4291
 * section 2.5.5.2), and an IPv6 address is always written the same way.
 */
export function clientAddress(text: string | undefined): string {
  if (text === undefined || text.length > MAX_LENGTH) return '';
  const known = KNOWN.get(text);
  if (known !== undefined) return known;
  if (KNOWN.size >= MAX_KNOWN) KNOWN.clear();
  // A copy: what was cut out of a long header would keep all of that in memory.
  const copy = Buffer.from(text).toString();
  const address = readAddress(copy);
  KNOWN.set(copy, address);
  return address;
}

function readAddress(text: string): string {
  if (isIP(text) === 4) return text;
  const address = isIP(text) === 6 ? text : (WITH_PORT.exec(text)?.[1] ?? '');
  if (isIP(address) === 0) return '';
  const ip = ipaddr.process(address.split('%', 1)[0] ?? '');
  return ip instanceof ipaddr.IPv6 ? ip.toRFC5952String() : ip.toString();
}

/**
 * What counts as one sender: an IPv4 address, or the /64 of an IPv6 address, since every host has 2^64 of those to choose
 * from (RFC 4291 section 2.5.4). All texts that are no address count as one sender: the empty text.
 */
export function networkOf(text: string | undefined): string {
  const address = clientAddress(text);
  if (isIP(address) !== 6) return address;
  const { parts } = ipaddr.IPv6.parse(address);
  return `${parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}
