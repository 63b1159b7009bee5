import { packExtension } from '@anthropic-ai/mcpb/cli';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { VERSION } from '#libs/mcp-tools';
import { ENTRY_POINT, bundleManifest, serverJson } from './mcp-listing.js';

/*
 * node dist/scripts/packages/write-mcp-listing.js <folder>: puts there server.json for the MCP registry, and the bundle that
 * Claude Desktop installs.
 */
const ROOT = join(import.meta.dirname, '../../..');
const BUNDLE = join(ROOT, 'dist/packages/mcp-bundle');

const target = resolve(process.argv[2] ?? '.');
mkdirSync(target, { recursive: true });
writeFileSync(join(target, 'server.json'), `${JSON.stringify(serverJson(), null, 2)}\n`);

rmSync(BUNDLE, { recursive: true, force: true });
// The program is one file, with the packages that it uses.
cpSync(join(ROOT, 'dist/bin/mcp.js'), join(BUNDLE, ENTRY_POINT));
cpSync(join(ROOT, 'LICENSE'), join(BUNDLE, 'LICENSE'));
cpSync(join(ROOT, 'apps/mcp/icon.png'), join(BUNDLE, 'icon.png'));
writeFileSync(join(BUNDLE, 'manifest.json'), `${JSON.stringify(bundleManifest(), null, 2)}\n`);
const bundle = join(target, `le-bureau-${VERSION}.mcpb`);
if (!(await packExtension({ extensionPath: BUNDLE, outputPath: bundle, silent: true })))
  throw new Error('The bundle was not packed: run it without "silent" to see why.');
