import { BlockList } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { AddressRanges, isPrivateAddress, readAddressRange } from './address-ranges.js';
import { clientAddress } from './client-address.js';

function textOf(range: string): string {
  const read = readAddressRange(range);
  if (read.outcome === 'refused') throw new Error(read.problem);
  return read.text;
}

function includes(range: string, address: string): boolean {
  return AddressRanges.parse([range])?.include(clientAddress(address)) ?? false;
}

describe('a range of addresses', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7/32', '203.0.113.7'],
    ['203.0.113.0/24', '203.0.113.0/24'],
    ['203.0.113.8/29', '203.0.113.8/29'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['2001:DB8::/32', '2001:db8::/32'],
    ['2001:0db8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8::1/128', '2001:db8::1'],
    ['::/0', '::/0'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:cb00:7107/128', '203.0.113.7'],
    ['::ffff:203.0.113.0/120', '203.0.113.0/24'],
    ['::ffff:0:0/96', '0.0.0.0/0'],
    ['::fffe:0:0/95', '::fffe:0:0/95'],
  ])('%s is always written the same way: %s', (range, text) => {
    expect(textOf(range)).toBe(text);
    expect(textOf(text)).toBe(text);
  });

  it.each([
    ['203.0.113.7/24', '203.0.113.7/24', '203.0.113.0/24', '203.0.113.7'],
    ['203.0.113.7/0', '203.0.113.7/0', '0.0.0.0/0', '203.0.113.7'],
    ['2001:DB8::1/32', '2001:db8::1/32', '2001:db8::/32', '2001:db8::1'],
    ['2001:db8:ffff::/33', '2001:db8:ffff::/33', '2001:db8:8000::/33', '2001:db8:ffff::'],
    ['::ffff:203.0.113.7/120', '203.0.113.7/24', '203.0.113.0/24', '203.0.113.7'],
  ])('whose address has bits beyond its prefix is refused, with what is right: %s', (range, ...named) => {
    const [written, network, address] = named;
    expect(readAddressRange(range)).toEqual({
      outcome: 'refused',
      problem: `must be ${network} for the network, or ${address} for the one address: ${written} is neither.`,
    });
  });

  it.each([
    '',
    'example.com',
    '203.0.113',
    '127',
    '0177.0.0.1',
    '203.0.113.0/33',
    '203.0.113.0/024',
    '203.0.113.0/',
    '203.0.113.0/-1',
    '203.0.113.0/255.255.255.0',
    ' 203.0.113.0/24',
    '2001:db8::/129',
    'fe80::1%eth0',
    '[2001:db8::1]',
    '203.0.113.7:443',
    `${'0'.repeat(10_000)}::1`,
  ])('is refused if it is none: %j', (range) => {
    expect(readAddressRange(range)).toEqual({
      outcome: 'refused',
      problem: 'must be an IP address such as 203.0.113.7, or a network such as 203.0.113.0/24.',
    });
    expect(AddressRanges.parse(['203.0.113.7', range])).toBeUndefined();
  });
});

describe('an address', () => {
  it.each([
    ['203.0.113.0/24', '203.0.113.0', true],
    ['203.0.113.0/24', '203.0.113.255', true],
    ['203.0.113.0/24', '203.0.112.255', false],
    ['203.0.113.0/24', '203.0.114.0', false],
    ['203.0.113.0/24', '::ffff:203.0.113.9', true],
    ['::ffff:203.0.113.0/120', '203.0.113.9', true],
    ['203.0.113.7', '203.0.113.7', true],
    ['203.0.113.7', '203.0.113.6', false],
    ['0.0.0.0/0', '198.51.100.1', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['::/0', '2001:db8::1', true],
    ['::/0', '198.51.100.1', false],
    ['::/0', '::ffff:198.51.100.1', false],
    ['2001:db8::/33', '2001:db8:7fff:ffff:ffff:ffff:ffff:ffff', true],
    ['2001:db8::/33', '2001:db8:8000::', false],
    ['2001:db8::1', '2001:0DB8:0:0::1', true],
    ['fe80::/10', 'fe80::1%eth0', true],
    ['0.0.0.0/0', 'unknown', false],
    ['::/0', '', false],
  ])('of %s: %s is %s', (range, address, isIncluded) => {
    expect(includes(range, address)).toBe(isIncluded);
  });

  it('is found in one of many ranges, again and again', () => {
    const ranges = AddressRanges.parse(['203.0.113.7', '2001:db8::/32', '198.51.100.0/24']);
    for (let i = 0; i < 2; i++) {
      for (const address of ['198.51.100.1', '2001:db8::5', '203.0.113.7'])
        expect(ranges?.include(address)).toBe(true);
      expect(ranges?.include('203.0.113.8')).toBe(false);
    }
  });

  const byte = fc.integer({ min: 0, max: 255 });
  const IPv4 = fc.array(byte, { minLength: 4, maxLength: 4 });
  const IPv6 = fc.array(byte, { minLength: 16, maxLength: 16 });
  const mapped = IPv4.map((bytes) => [...Array<number>(10).fill(0), 255, 255, ...bytes]);
  /** Of one kind or two, and mostly equal in the bits that count, so that both answers are frequent. */
  const cases = fc
    .tuple(fc.oneof(IPv4, IPv6, mapped), fc.oneof(IPv4, IPv6, mapped), fc.nat(128), fc.nat(128))
    .map(([network, other, length, equal]) => {
      const bits = network.length * 8;
      const prefix = length % (bits + 1);
      const isOneKind = network.length === other.length;
      const address = isOneKind ? takeBits(network, other, equal % (bits + 1)) : other;
      const range = `${write(takeBits(network, network.map(zero), prefix))}/${prefix}`;
      return { range, address: write(address) };
    });

  it('is in a range exactly when ipaddr.js and Node say so', () => {
    fc.assert(
      fc.property(cases, ({ range, address }) => {
        const text = textOf(range);
        const of32or128 = text.includes(':') ? `${text}/128` : `${text}/32`;
        const [network, length] = ipaddr.parseCIDR(text.includes('/') ? text : of32or128);
        const parsed = ipaddr.process(address);
        const isIncluded = parsed.kind() === network.kind() && parsed.match(network, length);
        expect(includes(range, address)).toBe(isIncluded);
        // To Node, IPv4 addresses are among those of IPv6.
        if (parsed.kind() !== network.kind()) return;
        const list = new BlockList();
        list.addSubnet(network.toString(), length, network.kind());
        expect(list.check(parsed.toString(), parsed.kind())).toBe(isIncluded);
      }),
      { numRuns: 2000 },
    );
  });

  it('is in the network that the refusal of a range names', () => {
    fc.assert(
      fc.property(fc.oneof(IPv4, IPv6), fc.nat(128), (bytes, length) => {
        const range = `${write(bytes)}/${length % (bytes.length * 8 + 1)}`;
        const read = readAddressRange(range);
        const right =
          read.outcome === 'range' ? read.text : /must be (\S+) for the network/.exec(read.problem)?.[1];
        expect(includes(right ?? '', write(bytes))).toBe(true);
        expect(textOf(right ?? '')).toBe(right);
      }),
    );
  });
});

it.each([
  ['10.1.2.3', true],
  ['172.31.0.1', true],
  ['192.168.1.1', true],
  ['127.0.0.1', true],
  ['100.64.0.1', true],
  ['::1', true],
  ['fd00::1', true],
  ['fe80::1', true],
  ['203.0.113.7', false],
  ['8.8.8.8', false],
  ['2606:4700::1', false],
  ['', false],
])('whether %j is a private address: %s', (address, isPrivate) => {
  expect(isPrivateAddress(address)).toBe(isPrivate);
});

function zero(): number {
  return 0;
}

/** The first `count` bits of the one, and then those of the other. */
function takeBits(first: readonly number[], then: readonly number[], count: number): number[] {
  return first.map((byte, i) => {
    const mask = (0xff00 >> Math.min(Math.max(count - 8 * i, 0), 8)) & 0xff;
    return (byte & mask) | ((then[i] ?? 0) & ~mask);
  });
}

function write(bytes: readonly number[]): string {
  return ipaddr.fromByteArray([...bytes]).toString();
}
