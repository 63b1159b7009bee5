import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseEndpoints, resolveEndpoints } from './endpoints.js';
import { rendezvousOrder } from './rendezvous.js';
import { Replicas } from './replicas.js';

describe('the order in which a key prefers replicas', () => {
  const nodes = ['10.0.0.1:3002', '10.0.0.2:3002', '10.0.0.3:3002'];

  it('is the same for every client, in whatever order it lists them', () => {
    fc.assert(
      fc.property(fc.string(), fc.shuffledSubarray(nodes, { minLength: 3 }), (key, shuffled) => {
        expect(rendezvousOrder(key, shuffled)).toEqual(rendezvousOrder(key, nodes));
      }),
    );
  });

  it('moves only the keys of a replica that disappears', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom(...nodes), (key, gone) => {
        const left = nodes.filter((node) => node !== gone);
        expect(rendezvousOrder(key, left)).toEqual(
          rendezvousOrder(key, nodes).filter((node) => node !== gone),
        );
      }),
    );
  });

  it('spreads keys evenly', () => {
    const counts = new Map(nodes.map((node) => [node, 0]));
    for (let i = 0; i < 9000; i++) {
      const first = rendezvousOrder(`key ${i}`, nodes)[0] ?? '';
      counts.set(first, (counts.get(first) ?? 0) + 1);
    }
    for (const count of counts.values()) expect(Math.abs(count - 3000)).toBeLessThan(250);
  });
});

describe('replicas', () => {
  it('come and go with the addresses of the name', async () => {
    let names = ['a', 'b'];
    const closed: string[] = [];
    const replicas = new Replicas({
      find: () =>
        Promise.resolve(new Map(names.map((name) => [name, () => ({ close: () => closed.push(name) })]))),
      refreshMs: 0,
    });
    const known = async (): Promise<string[]> =>
      (await replicas.inOrder('key')).map(({ name }) => name).sort();
    expect(await known()).toEqual(['a', 'b']);
    names = ['b', 'c'];
    await known(); // starts a lookup; the known ones are used meanwhile
    expect(await known()).toEqual(['b', 'c']);
    expect(closed).toEqual(['a']);
    names = [];
    await known();
    expect(await known()).toEqual(['b', 'c']);
  });

  it('are tried last for a while after a failure', async () => {
    const find = () =>
      Promise.resolve(new Map(['a', 'b', 'c'].map((name) => [name, () => ({ close: () => undefined })])));
    const replicas = new Replicas({ find });
    const [first] = await replicas.inOrder('key');
    replicas.failed(first?.name ?? '');
    const order = (await replicas.inOrder('key')).map(({ name }) => name);
    expect(order.at(-1)).toBe(first?.name);
  });
});

describe('endpoints', () => {
  it('are separated by commas', () => {
    expect(parseEndpoints('tcp://keys:3002,tls://[::1]:3003')).toEqual([
      { host: 'keys', port: 3002, tls: false },
      { host: '::1', port: 3003, tls: true },
    ]);
  });

  it.each(['http://keys:3002', 'tcp://keys', 'keys:3002', ''])('are refused in any other form: %s', (url) => {
    expect(() => parseEndpoints(url)).toThrow();
  });

  it('resolve to every address, skipping names that do not resolve', async () => {
    const resolve = (host: string) =>
      host === 'keys' ? Promise.resolve(['10.0.0.1', '10.0.0.2']) : Promise.reject(new Error());
    const found = await resolveEndpoints(parseEndpoints('tcp://keys:3002,tcp://gone:3002'), resolve);
    expect(found.map(({ ip }) => ip)).toEqual(['10.0.0.1', '10.0.0.2']);
  });
});
