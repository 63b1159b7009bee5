import ipaddr from 'ipaddr.js';

/**
 * Whether an IP address is one of the internet, and not of this machine, a private network or a cloud's metadata. An IPv6
 * address that stands for an IPv4 one, IPv4-mapped (RFC 4291 section 2.5.5.2) or by NAT64 (RFC 6052), is what that one is;
 * other such forms are refused.
 */
export function isInternetAddress(text: string): boolean {
  const address = ipaddr.process(text);
  if (address instanceof ipaddr.IPv4) return isInternetIpv4(address);
  if (address.match(NAT64, 96)) return isInternetIpv4(ipaddr.fromByteArray(address.toByteArray().slice(12)));
  return address.range() === 'unicast' && address.match(GLOBAL_UNICAST, 3);
}

function isInternetIpv4(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return address.range() === 'unicast' && address.toString() !== AZURE_PLATFORM;
}

/** The well-known prefix by which networks without IPv4 reach it (RFC 6052 section 2.1). */
const NAT64 = ipaddr.IPv6.parse('64:ff9b::');

/** All that is assigned to the internet so far; ipaddr.js takes what is unassigned for unicast, too. */
const GLOBAL_UNICAST = ipaddr.IPv6.parse('2000::');

/** Where Azure answers its virtual machines about themselves: a public address that is not on the internet. */
const AZURE_PLATFORM = '168.63.129.16';
