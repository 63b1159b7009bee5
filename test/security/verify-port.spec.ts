import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { generate } from 'selfsigned';
import { VerifyClient } from '#libs/keys-client';
import { READY_PATTERN, USED_PATTERN } from '#libs/keys-contract';
import { newKeyId } from '#libs/key-format';
import { type KeysProcess, Stack, TEST_SECRETS } from '#libs/testing';
import { SlowClient } from '../support/slow-client.js';

const MIB = 1024 * 1024;
const CREDENTIAL = TEST_SECRETS.KEYS_VERIFY_TOKEN;

/** The limits of unauthenticated connections: how long one may stay, in milliseconds, and how many there may be. */
const AUTHENTICATE_WITHIN_MS = 5000;
const MAX_UNAUTHENTICATED = 128;

/** A message as Nest's TCP transport writes it. */
function framed(message: object): string {
  const text = JSON.stringify(message);
  return `${text.length}#${text}`;
}

const ready = (credential: string): string =>
  framed({ pattern: READY_PATTERN, data: { credential }, id: 'a' });

let stack: Stack;
let keys: KeysProcess;
beforeAll(async () => {
  stack = await Stack.start({ gateways: 0 });
  const [first] = stack.keys;
  if (first === undefined) throw new Error('there is no keys service');
  keys = first;
});
afterAll(() => stack.stop());

const connect = (says: string): SlowClient => new SlowClient(keys.verifyPort, says);

function clientOf({ verifyPort }: KeysProcess): VerifyClient {
  return new VerifyClient({ url: `tcp://127.0.0.1:${verifyPort}`, credential: CREDENTIAL });
}

async function memory(): Promise<number> {
  const [line = ''] = await keys.service.metrics('process_resident_memory_bytes ');
  return Number(line.split(' ')[1]) / MIB;
}

async function answered(client: SlowClient, text: string): Promise<void> {
  while (!client.answer.includes(text)) {
    if (!client.isOpen) throw new Error(`it was ended, having said ${client.answer}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('an unauthenticated connection to the verification RPC', () => {
  it.each([
    ['the beginning of a large message', `1000000#{"pattern":"verify.v3","data":{"key":"`],
    [
      'a wrong token, and a large message',
      `1000000#{"pattern":"verify.v3","data":{"credential":"${'x'.repeat(40)}","key":"`,
    ],
    ['an endless token', `1000000#{"pattern":"verify.v3","data":{"credential":"${CREDENTIAL}`],
    ['no length', 'GET / HTTP/1.1\r\nHost: x\r\n'],
  ])('is closed after a few kilobytes: %s', async (_, beginning) => {
    const before = await memory();
    const clients = Array.from({ length: 100 }, () => connect(beginning + 'x'.repeat(900_000)));
    await Promise.all(clients.map(({ ended }) => ended));
    expect((await memory()) - before).toBeLessThan(40);
  });

  it.each<[string, (client: SlowClient) => unknown]>([
    ['sends nothing', () => undefined],
    ['sends a byte now and then', (client) => client.dribble('1', 1000)],
  ])('is closed after a few seconds if it %s', async (_, acts) => {
    const client = connect('');
    acts(client);
    const { afterMs, answer } = await client.ended;
    expect(answer).toBe('');
    expect(afterMs).toBeGreaterThan(AUTHENTICATE_WITHIN_MS - 100);
  });

  it('gets an error for a wrong token, and is closed soon', async () => {
    const { answer } = await connect(ready('x'.repeat(40))).ended;
    expect(answer).toContain('the token of the verification RPC is wrong');
  });

  it('keeps no client with the token out, however many there are', async () => {
    const others = Array.from({ length: 300 }, () => connect(''));
    const client = clientOf(keys);
    expect(await client.isReady()).toBe(true);
    // The oldest had to close early: the newest are still open.
    await others[0]?.ended;
    expect(others.at(-1)?.isOpen).toBe(true);
    expect(others.filter(({ isOpen }) => isOpen).length).toBeLessThanOrEqual(MAX_UNAUTHENTICATED);
    client.close();
    for (const other of others) other.hangUp();
  });

  it('does not fill the log', async () => {
    const lines = (): number => keys.service.process.stdout.split('\n').length;
    const before = lines();
    const garbage = ['x#', '2#{]', framed({ pattern: 'nobody knows it', data: {} }), ready('x'.repeat(40))];
    const clients = Array.from({ length: 200 }, (_, i) => connect(garbage[i % garbage.length] ?? ''));
    await Promise.all(clients.map(({ ended }) => ended));
    expect(lines() - before).toBeLessThan(20);
  });
});

describe('an authenticated connection to the verification RPC', () => {
  let client: SlowClient;
  beforeEach(() => {
    client = connect('');
  });

  /** A gateway's report, as large as with many used keys. */
  function report(data: object): object {
    const uses = Object.fromEntries(Array.from({ length: 1000 }, () => [newKeyId(), 1]));
    return { pattern: USED_PATTERN, data: { ...data, uses }, id: 'b' };
  }

  it('may begin with a large message, as gateways do after a restart of keys', async () => {
    const message = framed(report({ credential: CREDENTIAL }));
    expect(message.length).toBeGreaterThan(20_000);
    // In several pieces.
    client.say(message.slice(0, 30));
    await new Promise((resolve) => setTimeout(resolve, 100));
    client.say(message.slice(30, 2000));
    client.say(message.slice(2000));
    await answered(client, '"response":true');
    client.hangUp();
  });

  it('may have sent the token elsewhere in a small message, and then send large ones', async () => {
    client.say(framed({ id: 'a', data: { credential: CREDENTIAL }, pattern: READY_PATTERN }));
    await answered(client, '"response":true');
    const { pattern, data, id } = Object(report({ credential: CREDENTIAL }));
    client.say(framed({ id, data, pattern }));
    await answered(client, '"id":"b"');
    client.hangUp();
  });

  it('stays open, however idle it is', async () => {
    client.say(ready(CREDENTIAL));
    await answered(client, '"response":true');
    await new Promise((resolve) => setTimeout(resolve, AUTHENTICATE_WITHIN_MS + 2000));
    client.say(framed({ pattern: READY_PATTERN, data: { credential: CREDENTIAL }, id: 'later' }));
    await answered(client, '"id":"later"');
    client.hangUp();
  });

  it('must still send the token with each message', async () => {
    client.say(ready(CREDENTIAL));
    await answered(client, '"response":true');
    client.say(framed({ pattern: READY_PATTERN, data: {}, id: 'without' }));
    await answered(client, 'is wrong');
    client.hangUp();
  });
});

describe('the verification RPC with TLS', () => {
  it('closes connections without a handshake, and serves clients with the token', async () => {
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'keys.internal' }], {
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'keys.internal' }] }],
    });
    const secure = await Stack.start({ gateways: 0, env: { KEYS_TLS_CERT: cert, KEYS_TLS_KEY: key } });
    const port = secure.keys[0]?.verifyPort ?? 0;
    const others = Array.from({ length: 300 }, () => new SlowClient(port, ''));
    const client = new VerifyClient({
      url: `tls://keys.internal:${port}`,
      credential: CREDENTIAL,
      ca: cert,
      resolve: () => Promise.resolve(['127.0.0.1']),
    });
    expect(await client.isReady()).toBe(true);
    expect(others.filter(({ isOpen }) => isOpen).length).toBeLessThanOrEqual(MAX_UNAUTHENTICATED);
    await Promise.all(others.map(({ ended }) => ended));
    await new Promise((resolve) => setTimeout(resolve, AUTHENTICATE_WITHIN_MS));
    expect(await client.isReady()).toBe(true);
    client.close();
    await secure.stop();
  });
});
