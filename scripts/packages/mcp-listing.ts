import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { API_KEY_VARIABLE, API_URL_VARIABLE } from '#libs/client-configuration';
import { TOOLS, VERSION } from '#libs/mcp-tools';
import { describeSettings } from '#libs/settings';
import { mcpSettings } from '../../apps/mcp/src/mcp-settings.js';

const ROOT = join(import.meta.dirname, '../../..');
const { engines, license } = z
  .object({ engines: z.object({ node: z.string() }), license: z.string() })
  .parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));

const TITLE = 'Le Bureau';
const DESCRIPTION = 'Cloud desktops, scheduled jobs and notes as tools: those that your API key allows.';

/** The npm package that runs the MCP server. */
const PACKAGE = '@lebureau/mcp';
/** The file of the bundle that is started. */
export const ENTRY_POINT = 'server/index.mjs';

/**
 * The entry of the MCP server in the MCP registry, without a remote server: every deployment has an address of its own. The
 * format is that of 2025-12-11 (modelcontextprotocol.io/registry, “server.json”).
 */
export function serverJson(): object {
  return {
    $schema: 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json',
    // The publisher must own this name on GitHub.
    name: 'io.github.lebureau/mcp',
    title: TITLE,
    description: DESCRIPTION,
    version: VERSION,
    packages: [
      {
        registryType: 'npm',
        identifier: PACKAGE,
        version: VERSION,
        runtimeHint: 'npx',
        transport: { type: 'stdio' },
        environmentVariables: settings().map(({ name, what, isRequired }) => ({
          name,
          description: what,
          isRequired,
          isSecret: name === API_KEY_VARIABLE,
        })),
      },
    ],
  };
}

/** The manifest of the bundle (github.com/modelcontextprotocol/mcpb, MANIFEST.md, version 0.3). */
export function bundleManifest(): object {
  const asked = settings().filter(({ isRequired }) => isRequired);
  const titles = new Map([
    [API_KEY_VARIABLE, 'API key'],
    [API_URL_VARIABLE, 'URL of the API'],
  ]);
  return {
    manifest_version: '0.3',
    name: 'le-bureau',
    display_name: TITLE,
    version: VERSION,
    description: DESCRIPTION,
    author: { name: TITLE },
    license,
    icon: 'icon.png',
    server: {
      type: 'node',
      entry_point: ENTRY_POINT,
      mcp_config: {
        command: 'node',
        args: [`\${__dirname}/${ENTRY_POINT}`],
        env: Object.fromEntries(asked.map(({ name }) => [name, `\${user_config.${name.toLowerCase()}}`])),
      },
    },
    tools: TOOLS.map(({ name, description }) => ({ name, description })),
    user_config: Object.fromEntries(
      asked.map(({ name, what }) => [
        name.toLowerCase(),
        {
          type: 'string',
          title: titles.get(name) ?? name,
          description: what,
          required: true,
          sensitive: name === API_KEY_VARIABLE,
        },
      ]),
    ),
    compatibility: { platforms: ['darwin', 'win32', 'linux'], runtimes: { node: engines.node } },
  };
}

function settings() {
  return describeSettings(mcpSettings).map(({ name, what, fallback }) => ({
    name,
    what,
    isRequired: fallback === 'required',
  }));
}
