import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { generate } from 'selfsigned';
import { type TestRedis, freePort, runFolder, startRedis, uniqueName } from '#libs/testing';
import { connectRedis } from './connect-redis.js';

const running: TestRedis[] = [];
const connections: Redis[] = [];
afterEach(async () => {
  for (const connection of connections.splice(0)) connection.disconnect();
  for (const server of running.splice(0)) await server.stop();
});

async function start(...settings: string[]): Promise<TestRedis> {
  const server = await startRedis(settings);
  running.push(server);
  return server;
}

/** The sentence with which a command fails, which is also that of every failed attempt to connect. */
async function sentenceOf(url: string, password?: string): Promise<string> {
  const told = new Set<string>();
  const redis = await connectRedis({ url, password, onError: ({ message }) => told.add(message) });
  connections.push(redis);
  await sleep(300); // it tries again meanwhile
  const failure = await redis.get('x').catch((err: unknown) => (err instanceof Error ? err : new Error()));
  if (!(failure instanceof Error)) throw new Error('it has not failed');
  for (const sentence of told) expect(sentence).toBe(failure.message);
  expect(failure.message).not.toContain('wrong-secret');
  return failure.message;
}

/** Settings of a server that speaks only TLS, on `port`, with a self-signed certificate. */
async function tlsSettings(port: string): Promise<string[]> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2048,
  });
  const folder = runFolder('redis', uniqueName('tls'));
  writeFileSync(join(folder, 'cert.pem'), cert);
  writeFileSync(join(folder, 'key.pem'), key);
  const files = ['--tls-cert-file', join(folder, 'cert.pem'), '--tls-key-file', join(folder, 'key.pem')];
  return [
    '--tls-port',
    port,
    '--tls-auth-clients',
    'no',
    '--tls-ca-cert-file',
    join(folder, 'cert.pem'),
    ...files,
  ];
}

describe('a command without a connection says that', () => {
  it('nothing listens there', async () => {
    const port = await freePort();
    expect(await sentenceOf(`redis://127.0.0.1:${port}`)).toBe(
      `Redis at 127.0.0.1:${port} cannot be reached (connect ECONNREFUSED 127.0.0.1:${port}).`,
    );
  });

  it('the password is wrong', async () => {
    const { url, port } = await start('--requirepass', 'the-right-secret');
    const expected = `Redis at 127.0.0.1:${port} refuses the user or the password: correct REDIS_PASSWORD, or REDIS_URL.`;
    expect(await sentenceOf(url, 'wrong-secret')).toBe(expected);
    expect(await sentenceOf(url.replace('//', '//somebody:wrong-secret@'))).toBe(expected);
  });

  it('a password is required', async () => {
    const { url, port } = await start('--requirepass', 'the-right-secret');
    expect(await sentenceOf(url)).toBe(`Redis at 127.0.0.1:${port} requires a password: set REDIS_PASSWORD.`);
  });

  it('the server does not speak TLS', async () => {
    const { url, port } = await start();
    expect(await sentenceOf(url.replace('redis:', 'rediss:'))).toBe(
      `Redis at 127.0.0.1:${port} does not answer (connect ETIMEDOUT): if it does not speak TLS, REDIS_URL must begin with redis://, not rediss://.`,
    );
  });

  it('the server speaks only TLS, or its certificate is not trusted', async () => {
    const port = String(await freePort());
    await start(...(await tlsSettings(port)));
    expect(await sentenceOf(`redis://127.0.0.1:${port}`)).toBe(
      `Redis at 127.0.0.1:${port} closes the connection without an answer: if it expects TLS, REDIS_URL must begin with rediss://; if it is in protected mode, set protected-mode to no there.`,
    );
    expect(await sentenceOf(`rediss://127.0.0.1:${port}`)).toBe(
      `Redis at 127.0.0.1:${port} has a certificate that is not trusted (self-signed certificate): name its authority in REDIS_TLS_CA.`,
    );
  });

  it('the server is no longer there', async () => {
    const server = await start();
    const redis = await connectRedis({ url: server.url, onError: () => undefined });
    connections.push(redis);
    await redis.set('x', '1');
    const away = `Redis at 127.0.0.1:${server.port} cannot be reached (`;
    const inFlight = expect(redis.blpop('nothing', 30)).rejects.toThrow(away);
    await server.kill();
    await inFlight;
    await expect(redis.get('x')).rejects.toThrow(away);
  });
});

describe('user and password', () => {
  it('the password of the setting takes precedence over the URL’s, and the URL’s user stays', async () => {
    const { url } = await start(...'--user keys on >the-right-secret ~* +@all --user default off'.split(' '));
    for (const user of ['keys', 'keys:', 'keys:another-secret']) {
      const address = { url: url.replace('//', `//${user}@`), password: 'the-right-secret' };
      const redis = await connectRedis({ ...address, onError: () => undefined });
      connections.push(redis);
      expect(await redis.acl('WHOAMI')).toBe('keys');
    }
  });
});
