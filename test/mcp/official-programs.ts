import { join } from 'node:path';
import { RunningProcess, runFolder, uniqueName } from '#libs/testing';
import { npm } from '../support/npm.js';

/** They need a newer Node than this project does, which npm has for each platform. */
const NODE = `node-${process.platform}-${process.arch}`;

/** Exact versions: another one has other scenarios and options. */
const PACKAGES = [
  `${NODE}@22.23.3`,
  '@modelcontextprotocol/conformance@0.2.0-alpha.12',
  '@modelcontextprotocol/inspector@2.12.0',
];

const PROGRAMS = {
  conformance: '@modelcontextprotocol/conformance/dist/index.js',
  inspector: '@modelcontextprotocol/inspector/clients/launcher/build/index.js',
} as const;

/** How often a program is run that has failed. */
const TRIES = 5;

/** The programs by which the MCP project tests servers, installed from npm. */
export class OfficialPrograms {
  private constructor(private readonly folder: string) {}

  static async install(): Promise<OfficialPrograms> {
    const folder = runFolder('projects', uniqueName('mcp'));
    await npm(folder, 'install', ...PACKAGES, '--omit=optional');
    return new OfficialPrograms(folder);
  }

  /**
   * Runs one; resolves with what it has printed, and rejects with it if the program fails. They wait for some messages for a
   * second, and the gateway as long for the keys service: on a busy machine that may be too short, so they get further tries.
   */
  async run(name: keyof typeof PROGRAMS, ...args: readonly string[]): Promise<string> {
    const program = join(this.folder, 'node_modules', PROGRAMS[name]);
    const node = join(this.folder, 'node_modules', NODE, 'bin/node');
    for (let tries = 1; ; tries++) {
      const running = new RunningProcess(node, [program, ...args], { HOME: this.folder }, this.folder);
      const code = await running.exited;
      if (code === 0) return running.stdout;
      if (tries === TRIES)
        throw new Error(`${name} has failed (${code}):\n${running.stdout}${running.stderr}`);
    }
  }
}
