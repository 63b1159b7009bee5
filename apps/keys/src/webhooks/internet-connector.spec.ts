import type { LookupAddress, LookupOptions } from 'node:dns';
import { describe, expect, it } from '@jest/globals';
import { internetLookup } from './internet-connector.js';

const [ours, internet4, internet6, mapped] = [
  { address: '127.0.0.1', family: 4 },
  { address: '1.1.1.1', family: 4 },
  { address: '2606:4700:4700::1111', family: 6 },
  { address: '::ffff:10.0.0.1', family: 6 },
];

/** What a socket would connect to, for a name with these addresses. */
function lookUp(addresses: LookupAddress[], options: LookupOptions = { all: true }): Promise<unknown[]> {
  const lookup = internetLookup((_host, _options, callback) => callback(null, addresses));
  return new Promise((resolve, reject) => {
    lookup('hooks.example.com', options, (err, ...found) => (err === null ? resolve(found) : reject(err)));
  });
}

describe('a name', () => {
  it('leads to those of its addresses that are on the internet', async () => {
    expect(await lookUp([internet4, internet6])).toEqual([[internet4, internet6]]);
    expect(await lookUp([ours, internet6, mapped, internet4])).toEqual([[internet6, internet4]]);
    expect(await lookUp([ours, internet4], {})).toEqual(['1.1.1.1', 4]);
  });

  it('without such an address leads nowhere', async () => {
    const refusal = 'hooks.example.com is not an address of the internet';
    await expect(lookUp([ours, mapped])).rejects.toThrow(refusal);
    await expect(lookUp([ours], {})).rejects.toThrow(refusal);
  });

  it('that cannot be resolved is not the same', async () => {
    const failure = new Error('getaddrinfo ENOTFOUND hooks.example.com');
    const lookup = internetLookup((_host, _options, callback) => callback(failure, []));
    const looked = new Promise((resolve) => lookup('hooks.example.com', { all: true }, resolve));
    expect(await looked).toBe(failure);
  });
});
