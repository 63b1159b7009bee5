import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LE_BUREAU } from '#libs/catalogue';
import { Stack, runFolder, uniqueName } from '#libs/testing';
import { FakeUpstream } from '../support/fake-upstream.js';
import { upstreamsAt } from '../support/routes.js';
import { PROGRAM, clientOf } from './product.js';

let upstream: FakeUpstream;
let stack: Stack;
let token: string;
beforeAll(async () => {
  upstream = await FakeUpstream.start();
  stack = await Stack.start({ env: upstreamsAt(upstream.url) });
  ({ token } = await stack.issue('ada', LE_BUREAU.names));
});
afterAll(async () => {
  await stack.stop();
  await upstream.stop();
});

/** `lb-mcp` as a client starts it. */
class Server {
  stdout = '';
  stderr = '';
  readonly process: ChildProcessWithoutNullStreams;

  constructor(env: Readonly<Record<string, string>>) {
    const { PATH = '', HOME = '' } = process.env;
    this.process = spawn(process.execPath, [PROGRAM], { env: { PATH, HOME, ...env } });
    this.process.stdout.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.process.stderr.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    // It may have ended before it has read everything.
    this.process.stdin.on('error', () => undefined);
  }

  /** Its exit code. */
  async ended(): Promise<number | null> {
    const [code] = await once(this.process, 'close');
    return typeof code === 'number' ? code : null;
  }

  /** What it writes until there are so many lines of it, each a message of the protocol. */
  async messages(count: number): Promise<unknown[]> {
    while (this.stdout.split('\n').length <= count) await once(this.process.stdout, 'data');
    return this.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  }
}

const valid = () => ({ LE_BUREAU_API_KEY: token, LE_BUREAU_API_URL: stack.gatewayUrl });

describe('lb-mcp does not start', () => {
  const GATEWAY = 'https://api.example.com';
  it.each([
    ['without settings', {}, 'LE_BUREAU_API_KEY is missing', 'LE_BUREAU_API_URL is missing'],
    [
      'with a cut-off key',
      { LE_BUREAU_API_KEY: 'sk_live_abc', LE_BUREAU_API_URL: GATEWAY },
      'a whole API key',
      'the dashboard',
    ],
    [
      'with an address that is none',
      { LE_BUREAU_API_KEY: key(), LE_BUREAU_API_URL: 'api.example.com' },
      'LE_BUREAU_API_URL must be a URL',
      GATEWAY,
    ],
    [
      'with a file that is not there',
      { LE_BUREAU_API_KEY_FILE: '/no/such/file', LE_BUREAU_API_URL: GATEWAY },
      'LE_BUREAU_API_KEY_FILE names /no/such/file',
      'cannot be read',
    ],
  ])('%s', async (_, env, ...sentences) => {
    const server = new Server(env);
    expect(await server.ended()).toBe(78);
    for (const sentence of sentences) expect(server.stderr).toContain(sentence);
    expect(server.stdout).toBe('');
    for (const secret of Object.values(env).filter((value) => value.startsWith('sk_')))
      expect(server.stderr).not.toContain(secret);
  });

  it('with a revoked key', async () => {
    const revoked = await stack.issue('ada', ['desktop:read']);
    await stack.manage.revoke(revoked.key.id);
    const server = new Server({ ...valid(), LE_BUREAU_API_KEY: revoked.token });
    expect(await server.ended()).toBe(77);
    expect(server.stderr).toMatch(
      /^lb-mcp: The API key is not valid any more\. Create another one on the dashboard/,
    );
    expect(server.stdout).toBe('');
  });

  it('while the API does not respond', async () => {
    const server = new Server({ ...valid(), LE_BUREAU_API_URL: 'http://127.0.0.1:9' });
    expect(await server.ended()).toBe(69);
    expect(server.stderr).toContain('The API at http://127.0.0.1:9 does not respond');
  });

  it.each([
    [
      'a page',
      (): [number, Record<string, string>] => [200, { 'content-type': 'text/html' }],
      78,
      'set it to the URL of the gateway',
    ],
    [
      'a redirect',
      (): [number, Record<string, string>] => [301, { location: 'https://elsewhere.example/' }],
      69,
      'redirects to https://elsewhere.example/',
    ],
  ])('where %s responds, and sends the key nowhere else', async (_, head, code, sentence) => {
    upstream.respond((__, res) => res.writeHead(...head()).end('<html>'));
    const server = new Server({ ...valid(), LE_BUREAU_API_URL: upstream.url });
    expect(await server.ended()).toBe(code);
    expect(server.stderr).toContain(sentence);
  });
});

describe('lb-mcp', () => {
  let client: Client | undefined;
  afterEach(async () => {
    upstream.respond();
    await client?.close();
    client = undefined;
  });

  async function connect(
    env: Readonly<Record<string, string>>,
  ): Promise<{ client: Client; stderr: () => string }> {
    const { PATH = '', HOME = '' } = process.env;
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [PROGRAM],
      env: { PATH, HOME, ...env },
      stderr: 'pipe',
    });
    let stderr = '';
    transport.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    client = await clientOf('2025', transport);
    return { client, stderr: () => stderr };
  }

  const sentenceOf = async (
    to: Client,
    name: string,
    args: Record<string, unknown> = {},
  ): Promise<unknown> => {
    const { isError, content } = await to.callTool({ name, arguments: args });
    expect(isError).toBe(true);
    return content;
  };
  const text = (sentence: string | RegExp) => [{ type: 'text', text: expect.stringMatching(sentence) }];

  it('reads the key from a file', async () => {
    const file = join(runFolder('settings'), uniqueName('key'));
    writeFileSync(file, `${token}\n`);
    const { client } = await connect({
      LE_BUREAU_API_KEY_FILE: file,
      LE_BUREAU_API_URL: `${stack.gatewayUrl}/`,
    });
    expect((await client.listTools()).tools).toHaveLength(20);
  });

  it('lists nothing for a key whose capabilities it does not know, and says why', async () => {
    upstream.respond((_, res) =>
      res.writeHead(200, { 'content-type': 'application/json' }).end('{"capabilities":["printer:use"]}'),
    );
    const { client, stderr } = await connect({ ...valid(), LE_BUREAU_API_URL: upstream.url });
    expect((await client.listTools()).tools).toEqual([]);
    expect(stderr()).toContain('so there are no tools');
  });

  it('says that the key is not valid any more once it is revoked', async () => {
    const doomed = await stack.issue('ada', ['desktop:read']);
    const { client } = await connect({ ...valid(), LE_BUREAU_API_KEY: doomed.token });
    expect((await client.listTools()).tools).toHaveLength(2);
    await stack.manage.revoke(doomed.key.id);
    expect(await sentenceOf(client, 'desktops_list')).toEqual(text(/^The API key is not valid any more\./));
  });

  it('says that a reply ended early when the key is revoked in the middle', async () => {
    const doomed = await stack.issue('ada', ['desktop:chat']);
    const { client } = await connect({ ...valid(), LE_BUREAU_API_KEY: doomed.token });
    upstream.respond((_, res) => {
      res
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .write('event: delta\ndata: {"text":"Hel"}\n\n');
    });
    const pieces: (string | undefined)[] = [];
    const calling = client.callTool(
      { name: 'desktop_chat', arguments: { desktopId: 'desk-1', message: 'Hello.' } },
      { onprogress: ({ message }) => pieces.push(message) },
    );
    while (pieces.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await stack.manage.revoke(doomed.key.id);
    expect(await calling).toMatchObject({ isError: true, content: text(/ended early/) });
  });

  it('says when to try again beyond the limit', async () => {
    const limited = await stack.manage.issue('ada', {
      name: 'x',
      capabilities: ['desktop:read'],
      rateLimitPerMinute: 1,
    });
    const { client } = await connect({ ...valid(), LE_BUREAU_API_KEY: limited.token });
    expect(await sentenceOf(client, 'desktops_list')).toEqual(
      text(/^The key may make 1 requests? per minute\. Try again in \d+ seconds?\.$/),
    );
  });

  it('names the capability that a call needs, although its tool is hidden', async () => {
    const reader = await stack.issue('ada', ['desktop:read']);
    const { client } = await connect({ ...valid(), LE_BUREAU_API_KEY: reader.token });
    expect(await sentenceOf(client, 'desktop_chat', { desktopId: 'd', message: 'x' })).toEqual(
      text(/desktop:chat/),
    );
  });

  it('keeps running while the API is down, and goes on when it is back', async () => {
    const { client } = await connect(valid());
    await stack.gateways[0]?.kill();
    expect(await sentenceOf(client, 'desktops_list')).toEqual(text(/does not respond \(ECONNREFUSED\)/));
    await stack.gateways[0]?.restart();
    const page = { desktops: [], nextCursor: null };
    upstream.respond((_, res) =>
      res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(page)),
    );
    const listed = await client.callTool({ name: 'desktops_list', arguments: {} });
    expect(listed.structuredContent).toEqual(page);
  });

  it('ends the request when the client cancels the call', async () => {
    const { client } = await connect(valid());
    upstream.respond(() => undefined);
    const reaching = upstream.next();
    const cancelling = new AbortController();
    const calling = client.callTool({ name: 'desktops_list', arguments: {} }, { signal: cancelling.signal });
    const { brokenOff } = await reaching;
    cancelling.abort();
    await expect(calling).rejects.toThrow();
    await brokenOff;
  });

  it('writes nothing but the protocol, whatever it reads, and ends with its input', async () => {
    const server = new Server(valid());
    const initialize = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'test', version: '1' },
    };
    for (const line of ['not JSON', '[]', '{"jsonrpc":"2.0"}', '{"jsonrpc":"1.0","id":1,"method":"ping"}'])
      server.process.stdin.write(`${line}\n`);
    server.process.stdin.write(
      `${JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'initialize', params: initialize })}\n`,
    );
    const messages = await server.messages(1);
    expect(messages.at(-1)).toMatchObject({ id: 7, result: { serverInfo: { name: 'le-bureau' } } });
    server.process.stdin.end();
    expect(await server.ended()).toBe(65);
    expect(server.stderr).toContain('is not a message of JSON-RPC 2.0');
    expect(server.stderr.length).toBeLessThan(2000);
  });

  it('ends with 0 when its input ends', async () => {
    const server = new Server(valid());
    server.process.stdin.end();
    expect(await server.ended()).toBe(0);
    expect([server.stdout, server.stderr]).toEqual(['', '']);
  });

  it('refuses a message of more than 10 MB', async () => {
    const server = new Server(valid());
    server.process.stdin.write(
      `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"${'x'.repeat(11_000_000)}"}}\n`,
    );
    expect(await server.ended()).toBe(65);
    expect(server.stdout).toBe('');
  });
});

/** A text of a key's form. */
function key(): string {
  return `sk_live_${'0'.repeat(22)}_${'0'.repeat(46)}`;
}
