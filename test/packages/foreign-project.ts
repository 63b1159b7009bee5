import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runFolder, uniqueName } from '#libs/testing';
import { npm, runIn } from '../support/npm.js';

const ROOT = join(import.meta.dirname, '../../..');

export interface ForeignProjectOptions {
  /** What the project has installed before: names with versions. */
  readonly framework: readonly string[];
  /** Ours, by the last parts of their names: `key-guard`. */
  readonly packages: readonly string[];
  /** Members of its package.json. */
  readonly manifest: object;
  /** Its sources, by path. */
  readonly files: Readonly<Record<string, string>>;
}

/** What our packages bring along, beyond what was installed before. */
export interface Brought {
  /** The names of packages, ours among them. */
  readonly names: readonly string[];
  readonly megabytes: number;
}

/** A project of another team, in which our packages are installed from their tarballs. */
export class ForeignProject {
  private constructor(
    readonly folder: string,
    readonly brought: Brought,
  ) {}

  static async make(options: ForeignProjectOptions): Promise<ForeignProject> {
    const folder = runFolder('projects', uniqueName('foreign'));
    writeIn(folder, { 'package.json': JSON.stringify({ private: true, ...options.manifest }) });
    if (options.framework.length > 0) await npm(folder, 'install', ...options.framework);
    const before = installedIn(folder);
    await npm(folder, 'install', ...options.packages.map((name) => tarballOf(name)));
    const brought = [...installedIn(folder)].filter(([name]) => !before.has(name));
    writeIn(folder, options.files);
    return new ForeignProject(folder, {
      names: brought.map(([name]) => name.replace(/^.*node_modules\//, '')),
      megabytes: brought.reduce((sum, [name]) => sum + megabytesOf(join(folder, name)), 0),
    });
  }

  /** Compiles it with this repository's TypeScript, as strictly as its tsconfig.json says. Rejects with the mistakes. */
  async compile(): Promise<void> {
    await this.node(join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', '.');
  }

  /** Runs a program in it; resolves with its output, and rejects with it if the program fails. */
  async node(program: string, ...args: readonly string[]): Promise<string> {
    return runIn(this.folder, process.execPath, program, ...args);
  }
}

/** The tarballs of this run, which `packPackages` makes. */
const TARBALLS = runFolder('packages');

/** Builds the packages and packs them for this run. */
export async function packPackages(): Promise<void> {
  await runIn(ROOT, process.execPath, join(ROOT, 'scripts/packages/build-packages.js'), TARBALLS);
}

function tarballOf(name: string): string {
  const { version }: { version: string } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return join(TARBALLS, `lebureau-${name}-${version}.tgz`);
}

/** The installed packages, by path, as npm has noted them. */
function installedIn(folder: string): ReadonlyMap<string, unknown> {
  const file = join(folder, 'node_modules/.package-lock.json');
  if (!existsSync(file)) return new Map(); // nothing is
  const lock: { packages: Record<string, unknown> } = JSON.parse(readFileSync(file, 'utf8'));
  return new Map(Object.entries(lock.packages));
}

function megabytesOf(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0) / 1e6;
}

function writeIn(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}
