#!/usr/bin/env node
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { type CallApi, TOOLS, VERSION, createToolServer, mayUse } from '#libs/mcp-tools';
import { readSettings } from '#libs/settings';
import { ApiClient } from './api-client.js';
import { EXIT_CODES, explain } from './exit-codes.js';
import { mcpSettings } from './mcp-settings.js';
import { readCapabilities } from './read-capabilities.js';

/** Standard output belongs to the protocol: whatever is for people goes to standard error. */
function say(sentence: string): void {
  process.stderr.write(`lb-mcp: ${sentence}\n`);
}

const BAD_INPUT =
  'Something that the client sends is not a message of JSON-RPC 2.0, or is longer than 10 MB.';

async function serve(): Promise<void> {
  const api = new ApiClient(readSettings(mcpSettings, process.env));
  const callApi: CallApi = (request, signal) => api.send(request, signal);
  const capabilities = await readCapabilities(callApi);
  const listed = TOOLS.filter((tool) => mayUse(capabilities, tool));
  if (listed.length === 0)
    say('The key has none of the capabilities that tools need, so there are no tools.');
  const onError = (err: unknown): void => say(err instanceof Error ? err.message : String(err));
  const options = { title: 'Le Bureau', version: VERSION, tools: TOOLS, listed, callApi, onError };
  serveStdio(() => createToolServer(options), {
    onerror: () => {
      if (process.exitCode === undefined) say(BAD_INPUT);
      process.exitCode = EXIT_CODES.badInput.code;
    },
  });
  // Then nothing keeps the process alive.
  process.stdin.once('close', () => {
    api.close().catch(onError);
  });
}

// Without await: the package is CommonJS.
serve().catch((err: unknown) => {
  const { code, sentence } = explain(err);
  say(sentence);
  process.exitCode = code;
});
