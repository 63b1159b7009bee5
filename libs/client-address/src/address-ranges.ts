import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** An address with its prefix length; a single address has the longest. */
type Range = readonly [Address, prefixLength: number];

/** A text as a range, always written the same way, or what is wrong with it, to follow the name of its field in a sentence. */
export type ReadRange =
  | { readonly outcome: 'range'; readonly text: string }
  | { readonly outcome: 'refused'; readonly problem: string };

/** The longest text that can be a range. */
const MAX_LENGTH = 50;

/**
 * Reads an address or a CIDR block (RFC 4632 section 3.1, RFC 4291 section 2.3). An IPv4-mapped IPv6 address or block
 * becomes the IPv4 one, and a block of one address the address. A block whose address has bits beyond its prefix is refused:
 * whether the address or the block was meant, only the one who has written it knows.
 */
export function readAddressRange(text: string): ReadRange {
  const range = parseRange(text);
  if (range === undefined) {
    const problem = 'must be an IP address such as 203.0.113.7, or a network such as 203.0.113.0/24.';
    return { outcome: 'refused', problem };
  }
  const network = networkOf(range);
  if (write(network) === write(range)) return { outcome: 'range', text: write(range) };
  const problem = `must be ${write(network)} for the network, or ${writeAddress(range[0])} for the one address: ${write(range)} is neither.`;
  return { outcome: 'refused', problem };
}

/** Ranges of addresses, parsed once. A range that cannot be read, such as a later version's, makes all of them unreadable. */
export class AddressRanges {
  readonly #ranges: readonly Range[];
  /** The address that was found in them last: most keys are used from one. */
  #lastFound = '';

  /** Undefined if a text is not a range. */
  static parse(texts: readonly string[]): AddressRanges | undefined {
    const ranges = texts.map(parseRange);
    return ranges.every((range) => range !== undefined) ? new AddressRanges(ranges) : undefined;
  }

  private constructor(ranges: readonly Range[]) {
    this.#ranges = ranges;
  }

  /** Whether one of them has this address, as `clientAddress` writes it: empty if it is unknown, which none of them has. */
  include(address: string): boolean {
    if (address === '') return false;
    if (address === this.#lastFound) return true;
    const parsed = ipaddr.process(address);
    const isFound = this.#ranges.some(
      ([network, length]) => network.kind() === parsed.kind() && parsed.match(network, length),
    );
    if (isFound) this.#lastFound = address;
    return isFound;
  }
}

/** Whether an address, as `clientAddress` writes it, is one that the internet does not route, as inside a network. */
export function isPrivateAddress(address: string): boolean {
  return isIP(address) !== 0 && PRIVATE.has(ipaddr.process(address).range());
}

const PRIVATE: ReadonlySet<string> = new Set([
  'carrierGradeNat',
  'linkLocal',
  'loopback',
  'private',
  'uniqueLocal',
]);

function parseRange(text: string): Range | undefined {
  const [, address = '', prefix] = text.length <= MAX_LENGTH ? (RANGE.exec(text) ?? []) : [];
  // Not by ipaddr.js alone, which takes `127` and octal numbers for addresses.
  if (isIP(address) === 0) return undefined;
  const parsed = ipaddr.parse(address);
  const bits = parsed.toByteArray().length * 8;
  const length = prefix === undefined ? bits : Number(prefix);
  if (length > bits) return undefined;
  // A shorter prefix has more than IPv4's addresses, and is a block of IPv6.
  return parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress() && length >= MAPPED_BITS
    ? [parsed.toIPv4Address(), length - MAPPED_BITS]
    : [parsed, length];
}

/** Without a zone, which means nothing to other machines. */
const RANGE = /^([0-9A-Fa-f:.]+)(?:\/(0|[1-9]\d{0,2}))?$/;

/** The prefix length of `::ffff:0:0/96`, the IPv4-mapped addresses. */
const MAPPED_BITS = 96;

function networkOf([address, length]: Range): Range {
  const bytes = address.toByteArray().map((byte, i) => {
    const kept = Math.min(Math.max(length - 8 * i, 0), 8);
    return byte & (0xff00 >> kept) & 0xff;
  });
  return [ipaddr.fromByteArray(bytes), length];
}

function write([address, length]: Range): string {
  const isOne = length === address.toByteArray().length * 8;
  return isOne ? writeAddress(address) : `${writeAddress(address)}/${length}`;
}

function writeAddress(address: Address): string {
  return address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString();
}
