import { BlockList, isIPv6 } from 'node:net';
import { clientAddress } from '#libs/client-address';

/**
 * Which proxies a client's address may be taken from, in Fastify's form: the one that sends the request, any one,
 * and behind it those in `networks`.
 */
export function trustPeer(networks: readonly string[]): (address: string, hop: number) => boolean {
  const trusted = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (prefix === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(prefix), family);
  }
  return (address, hop) => {
    if (hop === 0) return true;
    const known = clientAddress(address);
    return known !== '' && trusted.check(known, isIPv6(known) ? 'ipv6' : 'ipv4');
  };
}
