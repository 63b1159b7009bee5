import { describe, expect, it } from '@jest/globals';
import { clientAddress, networkOf } from './client-address.js';

describe('the address of a client', () => {
  it.each([
    ['an IPv4 address is itself', '192.0.2.7', '192.0.2.7'],
    ['an IPv4 address written as IPv6 is that address', '::ffff:127.0.0.1', '127.0.0.1'],
    ['so it is in hexadecimal', '::FFFF:c000:0207', '192.0.2.7'],
    ['an IPv6 address is one text, however it is written', '2001:0DB8:0001:2:0:0:0:1', '2001:db8:1:2::1'],
    ['a zone is left out', 'fe80::1%eth0', 'fe80::1'],
    ['a port is left out', '203.0.113.9:51008', '203.0.113.9'],
    ['brackets are left out', '[2001:db8::1]', '2001:db8::1'],
    ['a port behind brackets is left out', '[2001:db8::1]:49152', '2001:db8::1'],
    ['a name is none', 'x', ''],
    ['what RFC 7239 calls unknown is none', 'unknown', ''],
    ['a number is none', '127', ''],
    ['an octal form is none', '0177.0.0.1', ''],
    ['an empty text is none', '', ''],
    ['what is too long to be one is none', '1'.repeat(10_000), ''],
  ])('%s', (_, text, address) => {
    expect(clientAddress(text)).toBe(address);
  });

  it('is empty where the framework knows none', () => {
    expect(clientAddress(undefined)).toBe('');
  });
});

describe('the network that counts as one sender', () => {
  it.each([
    ['an IPv4 address is its own', '192.0.2.7', '192.0.2.7'],
    ['an IPv4 address written as IPv6 is that address', '::ffff:192.0.2.7', '192.0.2.7'],
    ['an IPv6 address is one of its /64', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['another of the same /64 is the same', '2001:db8:1:2::1', '2001:db8:1:2::/64'],
    ['however it is written', '2001:0DB8:0001:2:0:0:0:1', '2001:db8:1:2::/64'],
    ['the next /64 is another', '2001:db8:1:3::1', '2001:db8:1:3::/64'],
    ['loopback', '::1', '0:0:0:0::/64'],
    ['a zone is left out', 'fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['a port is left out', '192.0.2.7:49152', '192.0.2.7'],
    ['what is no address is one sender', 'unknown', ''],
  ])('%s: %s', (_, text, network) => {
    expect(networkOf(text)).toBe(network);
  });
});
