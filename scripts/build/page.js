import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { DIST, PAGE, ROOT, digest, filesIn, isSame, readJson, writeJson } from './files.js';

/** Written by Vite's configuration: the files that the page was built from. */
const PAGE_INPUTS = join(DIST, '.page-inputs.json');
const PAGE_BUILT = join(DIST, '.page-built.json');

/** Builds the page, if it has changed. */
export function buildPage() {
  if (existsSync(join(DIST, PAGE, 'index.html')) && isSame(readJson(PAGE_BUILT), pageState())) return;
  process.stdout.write('Building the page...\n');
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
  const args = [vite, 'build', '-c', join(PAGE, 'vite.config.ts'), '--logLevel', 'warn'];
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) process.exit(1);
  writeJson(PAGE_BUILT, pageState());
}

/** The state of the files that the last build has read, and of those added since. */
function pageState() {
  const modules = readJson(PAGE_INPUTS) ?? [];
  return digest([...new Set([...filesIn([PAGE]), ...modules, 'package-lock.json'])]);
}
