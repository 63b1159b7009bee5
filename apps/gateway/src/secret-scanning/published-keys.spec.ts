import { generateKeyPairSync } from 'node:crypto';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { PublishedKeys } from './published-keys.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let server: Server;
let requests: number;
/** What the publisher answers. */
let answer: { status: number; body: string };
let now: number;
let keys: PublishedKeys;

beforeEach(async () => {
  Logger.overrideLogger(false);
  [requests, now] = [0, 0];
  publish('a');
  server = createServer((_, res) => {
    requests++;
    res.statusCode = answer.status;
    if (answer.status === 302) res.setHeader('location', '/elsewhere');
    res.end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // eslint-disable-next-line @typescript-eslint/consistent-type-assertions -- what a server on a port always has
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  keys = new PublishedKeys({ url, clock: { now: () => now, wait: () => Promise.resolve() } });
});
afterEach(async () => {
  Logger.overrideLogger(['log', 'warn', 'error']);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function publish(...identifiers: string[]): void {
  const entries = identifiers.map((key_identifier) => ({ key_identifier, key: pemOf('prime256v1') }));
  answer = { status: 200, body: JSON.stringify({ public_keys: entries }) };
}

function pemOf(namedCurve: string): string | Buffer {
  return generateKeyPairSync('ec', { namedCurve }).publicKey.export({ type: 'spki', format: 'pem' });
}

/** What is found, as a word. */
async function find(identifier: string): Promise<string> {
  const found = await keys.find(identifier);
  return typeof found === 'string' ? found : 'found';
}

describe('published keys', () => {
  it('are fetched once, however many ask at the same time', async () => {
    expect(await Promise.all(['a', 'a', 'b'].map(find))).toEqual(['found', 'found', 'unknown']);
    expect(requests).toBe(1);
  });

  it('are fetched again for an unknown identifier, but not twice within a minute', async () => {
    await find('a');
    publish('a', 'b');
    now += MINUTE_MS - 1;
    expect(await find('b')).toBe('unknown');
    now += 1;
    expect(await find('b')).toBe('found');
    expect(requests).toBe(2);
  });

  it('are fetched again after an hour, so that withdrawn ones are not accepted any more', async () => {
    await find('a');
    publish('b');
    now += HOUR_MS - 1;
    expect(await find('a')).toBe('found');
    now += 1;
    expect(await find('a')).toBe('unknown');
  });

  it('are used for a day while the publisher is down, and others are not known to be unknown', async () => {
    await find('a');
    answer = { status: 500, body: '' };
    now += HOUR_MS;
    expect(await find('a')).toBe('found');
    expect(await find('b')).toBe('unavailable');
    now += 23 * HOUR_MS - 1;
    expect(await find('a')).toBe('found');
    now += 1;
    expect(await find('a')).toBe('unavailable');
    publish('a');
    now += MINUTE_MS;
    expect(await find('a')).toBe('found');
  });
});

describe('a publisher', () => {
  it.each([
    ['redirects', { status: 302, body: '' }],
    ['sends no JSON', { status: 200, body: 'nonsense' }],
    ['sends another document', { status: 200, body: '{"keys":[]}' }],
    ['sends too much', { status: 200, body: JSON.stringify({ public_keys: ['x'.repeat(300_000)] }) }],
  ])('is not believed if it %s', async (_, wrong) => {
    answer = wrong;
    expect(await find('a')).toBe('unavailable');
    expect(requests).toBe(1);
  });

  it('may publish keys of other kinds, which are not used', async () => {
    const entries = [
      { key_identifier: 'other-curve', key: pemOf('secp384r1') },
      { key_identifier: 'no-key', key: 'nonsense' },
      'nonsense',
      { key_identifier: 'right', key: pemOf('prime256v1') },
    ];
    answer = { status: 200, body: JSON.stringify({ public_keys: entries }) };
    expect(await Promise.all(['other-curve', 'no-key', 'right'].map(find))).toEqual([
      'unknown',
      'unknown',
      'found',
    ]);
  });
});
