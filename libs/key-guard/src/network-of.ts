import ipaddr from 'ipaddr.js';

/** What a proxy may write around an address: brackets, and a port behind it. */
const WITH_PORT = /^\[?([^\]]*?)\]?(?::\d{1,5})?$/;

/**
 * What counts as one sender: an IPv4 address, or the /64 of an IPv6 address, of which every host has 2^64 to choose
 * from (RFC 4291 section 2.5.4). An IPv4 address written as IPv6 is that IPv4 address. A text that is no address stands for itself.
 */
export function networkOf(text: string): string {
  const address = ipaddr.isValid(text) ? text : (WITH_PORT.exec(text)?.[1] ?? text);
  if (!ipaddr.isValid(address)) return text.slice(0, 64);
  const ip = ipaddr.process(address);
  if (!(ip instanceof ipaddr.IPv6)) return ip.toString();
  return `${ip.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}
