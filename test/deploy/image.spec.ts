import { expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { RunningProcess, runFolder, uniqueName } from '#libs/testing';

const ROOT = join(import.meta.dirname, '../../..');

/** What .dockerignore lets in and leaves out, as far as it is in the repository. */
function buildContext(): string[] {
  const lines = readFileSync(join(ROOT, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && line !== '*' && !line.startsWith('#'));
  const included = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  const excluded = lines.filter((line) => !line.startsWith('!')).map((line) => `:(exclude,glob)${line}`);
  const folders = excluded.map((pattern) => `${pattern}/**`);
  const args = ['ls-files', '--', ...included, ...excluded, ...folders];
  return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');
}

/** What the stage of the Dockerfile that compiles copies from there. */
function copied(files: readonly string[]): string[] {
  const dockerfile = readFileSync(join(ROOT, 'deploy/docker/Dockerfile'), 'utf8');
  const [, stage = ''] = dockerfile.split(/^FROM .*$/m);
  const sources = [...stage.matchAll(/^COPY (.*) \S+$/gm)].flatMap(([, names = '']) => names.split(' '));
  return files.filter((file) => sources.some((source) => file === source || file.startsWith(`${source}/`)));
}

it('the image is built from all that its programs import', async () => {
  const folder = runFolder(uniqueName('image'));
  for (const file of copied(buildContext())) cpSync(join(ROOT, file), join(folder, file));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const compiling = new RunningProcess(
    process.execPath,
    [join(ROOT, 'node_modules/typescript/bin/tsc'), '--noEmit', '--incremental', 'false'],
    {},
    folder,
  );
  expect([await compiling.exited, compiling.stdout]).toEqual([0, '']);
});
