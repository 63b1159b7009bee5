import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../../..');

/** Version 0.1.0. */
export const VERSION_BEFORE = '964f05cb50069fe5be0f60a68c1a14a97ce7e8e9';

/** The sources of its services. */
const SOURCES = ['package.json', 'tsconfig.json', 'apps', 'libs', 'examples'];

/**
 * Compiles the services of a commit in this repository's history, and resolves with the folder of their programs. They
 * run with the packages that are installed now, `p-limit` among them, which is installed for this alone. What is compiled is kept beside those, so that this is done once.
 */
export function compileVersion(commit: string): string {
  requireCommit(commit);
  const kept = join(ROOT, 'node_modules/.cache/versions', commit);
  if (!existsSync(kept)) {
    // Compiled elsewhere: below a folder `node_modules`, the compiler takes everything for a package.
    const folder = mkdtempSync(join(tmpdir(), 'le-bureau-version-'));
    try {
      compile(commit, folder);
      keep(folder, kept);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
  return join(kept, 'dist');
}

function requireCommit(commit: string): void {
  try {
    git('cat-file', '-e', `${commit}^{commit}`);
  } catch (err) {
    throw new Error(
      `This clone lacks commit ${commit}, which is version 0.1.0. Get the whole history: git fetch --unshallow (with actions/checkout: fetch-depth: 0).`,
      { cause: err },
    );
  }
}

function compile(commit: string, folder: string): void {
  execFileSync('tar', ['-x', '-C', folder], { input: git('archive', commit, ...SOURCES) });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const settings = {
    extends: './tsconfig.json',
    // Its types were checked when it was the current version.
    compilerOptions: { noCheck: true, incremental: false, tsBuildInfoFile: null },
    include: ['apps/*/src', 'libs/*/src'],
  };
  const project = join(folder, 'tsconfig.services.json');
  writeFileSync(project, JSON.stringify(settings));
  execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', project]);
}

/** In one step, so that a run that was stopped in between leaves nothing half done. */
function keep(folder: string, kept: string): void {
  const unfinished = `${kept}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  for (const each of ['dist', 'package.json'])
    cpSync(join(folder, each), join(unfinished, each), { recursive: true });
  try {
    renameSync(unfinished, kept);
  } catch (err) {
    // Another test, in another process, was faster.
    if (!existsSync(kept)) throw err;
    rmSync(unfinished, { recursive: true });
  }
}

function git(...args: readonly string[]): Buffer {
  return execFileSync('git', args, { cwd: ROOT, maxBuffer: 2 ** 28, stdio: ['ignore', 'pipe', 'pipe'] });
}
