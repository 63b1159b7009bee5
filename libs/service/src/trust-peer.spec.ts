import { describe, expect, it } from '@jest/globals';
import { trustPeer } from './trust-peer.js';

describe('the proxies that a client’s address is taken from', () => {
  it.each([
    ['the one that sends the request', [], '203.0.113.1', 0, true],
    ['no other', [], '127.0.0.1', 1, false],
    ['those in a network', ['10.0.0.0/8'], '10.1.2.3', 1, true],
    ['those with a port', ['10.0.0.0/8'], '10.1.2.3:4711', 2, true],
    ['those of one address', ['fd00::1'], 'FD00:0::1', 1, true],
    ['IPv4 within IPv6', ['10.0.0.7'], '::ffff:10.0.0.7', 1, true],
    ['none outside', ['10.0.0.0/8', 'fd00::/8'], '192.0.2.1', 1, false],
    ['nothing that is no address', ['10.0.0.0/8'], 'unknown', 1, false],
  ])('are %s', (_, networks, address, hop, isTrusted) => {
    expect(trustPeer(networks)(address, hop)).toBe(isTrusted);
  });
});
