import { type Transport, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';

const PROGRAM = join(import.meta.dirname, '../../bin/mcp.js');

/** As each client documents its format: libs/client-configuration says where. */
const remote = z.strictObject({
  type: z.literal('http').optional(),
  url: z.url(),
  headers: z.strictObject({ Authorization: z.string() }),
});
const local = z.strictObject({
  command: z.literal('npx'),
  args: z.tuple([z.literal('-y'), z.literal('@lebureau/mcp')]),
  env: z.record(z.string(), z.string()),
});
const input = z.strictObject({
  type: z.literal('promptString'),
  id: z.string(),
  description: z.string(),
  password: z.literal(true),
});
const claudeDesktop = z.strictObject({ mcpServers: z.strictObject({ 'le-bureau': local }) });
const cursor = z.strictObject({ mcpServers: z.strictObject({ 'le-bureau': remote }) });
const vsCode = z.strictObject({ inputs: z.tuple([input]), servers: z.strictObject({ leBureau: remote }) });

/** What a client connects with, given its ready configuration and, where it gets that from elsewhere, the key. */
export function transportOf(client: string, text: string, token: string): Transport {
  switch (client) {
    case 'Claude Desktop': {
      const { env } = claudeDesktop.parse(JSON.parse(text)).mcpServers['le-bureau'];
      // The program that npx installs.
      return new StdioClientTransport({ command: process.execPath, args: [PROGRAM], env, stderr: 'pipe' });
    }
    case 'Claude Code': {
      const script = `claude() { printf '%s\\n' "$@"; }; ${text}`;
      const given = execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split('\n');
      const [url = '', flag, header = ''] = given.splice(7);
      const known = ['mcp', 'add', '--transport', 'http', '--scope', 'user', 'le-bureau'];
      if (flag !== '--header' || given.join() !== known.join()) throw new Error(text);
      return overHttp({ url, headers: { Authorization: header.replace('Authorization: ', '') } });
    }
    case 'Cursor': {
      const entered = text.replace('${env:LE_BUREAU_API_KEY}', token);
      return overHttp(cursor.parse(JSON.parse(entered)).mcpServers['le-bureau']);
    }
    case 'VS Code': {
      const { inputs } = vsCode.parse(JSON.parse(text));
      const entered = text.replace(`\${input:${inputs[0].id}}`, token);
      return overHttp(vsCode.parse(JSON.parse(entered)).servers.leBureau);
    }
    default:
      throw new Error(`Write down here how ${client} reads its configuration.`);
  }
}

function overHttp({ url, headers }: z.output<typeof remote>): Transport {
  return new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } });
}
