import {
  Client,
  type FetchLike,
  StreamableHTTPClientTransport,
  type Transport,
} from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { join } from 'node:path';
import { type RunningProcess, Stack, freePort, startProgram } from '#libs/testing';
import { upstreamsAt } from '../support/routes.js';

export const PROGRAM = join(import.meta.dirname, '../../bin/mcp.js');

/** The two ways to the tools, and the two kinds of protocol revision. */
export const WAYS = (['stdio', 'HTTP'] as const).flatMap((way) =>
  (['2025', '2026-07-28'] as const).map((revision) => ({ way, revision })),
);

export type Way = (typeof WAYS)[number];

/** The whole product with the sample desktops behind its gateway. */
export class Product {
  private constructor(
    readonly stack: Stack,
    readonly example: RunningProcess,
  ) {}

  static async start(env: Readonly<Record<string, string>> = {}): Promise<Product> {
    // Each of the two needs the other's URL, so the port of one is chosen first.
    const port = String(await freePort());
    const stack = await Stack.start({ env: { ...upstreamsAt(`http://127.0.0.1:${port}`), ...env } });
    const example = startProgram('bin/desktops.js', {
      EXAMPLE_HOST: '127.0.0.1',
      EXAMPLE_PORT: port,
      IDENTITY_JWKS_URL: new URL('/.well-known/jwks.json', stack.gateways[0]?.metricsUrl).href,
    });
    await example.waitForOutput('is ready');
    return new Product(stack, example);
  }

  async stop(): Promise<void> {
    await this.example.stop();
    await this.stack.stop();
  }

  /** An MCP client of the official SDK that uses this key. Close it. */
  async connect({ way, revision }: Way, token: string, fetch?: FetchLike): Promise<Client> {
    return clientOf(revision, way === 'stdio' ? this.#stdio(token) : this.#http(token, fetch));
  }

  #stdio(token: string): StdioClientTransport {
    const { PATH = '', HOME = '' } = process.env;
    const env = { PATH, HOME, LE_BUREAU_API_KEY: token, LE_BUREAU_API_URL: this.stack.gatewayUrl };
    return new StdioClientTransport({ command: process.execPath, args: [PROGRAM], env, stderr: 'pipe' });
  }

  #http(token: string, fetch?: FetchLike): StreamableHTTPClientTransport {
    return new StreamableHTTPClientTransport(new URL(`${this.stack.gatewayUrl}/mcp`), {
      requestInit: { headers: { authorization: `Bearer ${token}` } },
      ...(fetch !== undefined && { fetch }),
    });
  }
}

/** An MCP client of the official SDK. Close it. */
export async function clientOf(revision: Way['revision'], transport: Transport): Promise<Client> {
  const client = new Client(
    { name: 'test', version: '1' },
    { versionNegotiation: { mode: revision === '2025' ? 'legacy' : { pin: revision } } },
  );
  await client.connect(transport);
  return client;
}
