import { getMcpConfigForManifest, vAny } from '@anthropic-ai/mcpb/node';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { runFolder, uniqueName } from '#libs/testing';

const ROOT = join(import.meta.dirname, '../../..');

/** The bundle of this version for Claude Desktop, installed in a folder of its own. */
export class InstalledBundle {
  private constructor(
    readonly folder: string,
    readonly manifest: ReturnType<typeof vAny.McpbManifestSchema.parse>,
  ) {}

  static install(): InstalledBundle {
    const folder = runFolder('bundles', uniqueName('installed'));
    const run = (...args: string[]): unknown => execFileSync(process.execPath, args, { stdio: 'pipe' });
    const packages = runFolder('bundles', uniqueName('packed'));
    run(join(ROOT, 'dist/scripts/packages/write-mcp-listing.js'), packages);
    const packed = readdirSync(packages).find((name) => name.endsWith('.mcpb')) ?? '';
    const unpack = join(ROOT, 'node_modules/@anthropic-ai/mcpb/dist/cli/cli.js');
    run(unpack, 'unpack', join(packages, packed), folder);
    const text = readFileSync(join(folder, 'manifest.json'), 'utf8');
    return new InstalledBundle(folder, vAny.McpbManifestSchema.parse(JSON.parse(text)));
  }

  /** Starts the server as clients do, once the person has entered what the manifest asks for. */
  async start(userConfig: Readonly<Record<string, string>>): Promise<StdioClientTransport> {
    const config = await getMcpConfigForManifest({
      manifest: this.manifest,
      extensionPath: this.folder,
      systemDirs: {},
      userConfig,
      pathSeparator: sep,
    });
    if (config === undefined) throw new Error('the manifest asks for more');
    const { command, args = [], env = {} } = config;
    return new StdioClientTransport({ command, args, env, stderr: 'pipe' });
  }
}
