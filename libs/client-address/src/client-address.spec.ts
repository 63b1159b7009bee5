import { describe, expect, it } from '@jest/globals';
import { clientAddress, networkOf } from './client-address.js';

describe('the address of a client', () => {
  it.each([
    ['an IPv4 address is itself', '192.0.2.7', '192.0.2.7'],
    ['an IPv4-mapped IPv6 address is the IPv4 address', '::ffff:127.0.0.1', '127.0.0.1'],
    ['also in hexadecimal', '::FFFF:c000:0207', '192.0.2.7'],
    ['an IPv6 address is always written the same way', '2001:0DB8:0001:2:0:0:0:1', '2001:db8:1:2::1'],
    ['a zone is removed', 'fe80::1%eth0', 'fe80::1'],
    ['a port is removed', '203.0.113.9:51008', '203.0.113.9'],
    ['brackets are removed', '[2001:db8::1]', '2001:db8::1'],
    ['a port after brackets is removed', '[2001:db8::1]:49152', '2001:db8::1'],
    ['a name is not an address', 'x', ''],
    ['“unknown” (RFC 7239) is not an address', 'unknown', ''],
    ['a number is not an address', '127', ''],
    ['an octal form is not an address', '0177.0.0.1', ''],
    ['an empty text is not an address', '', ''],
    ['a text that is too long is not an address', '1'.repeat(10_000), ''],
  ])('%s', (_, text, address) => {
    expect(clientAddress(text)).toBe(address);
  });

  it('stays right when more texts come than are remembered', () => {
    const addresses = Array.from({ length: 10_100 }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
    for (const address of [...addresses, ...addresses]) {
      expect(clientAddress(`::ffff:${address}`)).toBe(address);
    }
  });

  it('is empty if the framework does not know it', () => {
    expect(clientAddress(undefined)).toBe('');
  });
});

describe('the network of a sender', () => {
  it.each([
    ['an IPv4 address is its own network', '192.0.2.7', '192.0.2.7'],
    ['an IPv4-mapped IPv6 address is the IPv4 address', '::ffff:192.0.2.7', '192.0.2.7'],
    ['an IPv6 address belongs to its /64', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['another address of the same /64 has the same network', '2001:db8:1:2::1', '2001:db8:1:2::/64'],
    ['in any notation', '2001:0DB8:0001:2:0:0:0:1', '2001:db8:1:2::/64'],
    ['the next /64 is another network', '2001:db8:1:3::1', '2001:db8:1:3::/64'],
    ['loopback', '::1', '0:0:0:0::/64'],
    ['a zone is removed', 'fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['a port is removed', '192.0.2.7:49152', '192.0.2.7'],
    ['texts that are no address count as one sender', 'unknown', ''],
  ])('%s: %s', (_, text, network) => {
    expect(networkOf(text)).toBe(network);
  });
});
