import { once } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import ts from 'typescript';
import { RunningProcess, runFolder, uniqueName } from '#libs/testing';

const ROOT = join(import.meta.dirname, '../../..');

const COMPILER_OPTIONS = {
  target: 'es2023',
  module: 'nodenext',
  strict: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  skipLibCheck: false,
  types: ['node'],
};

/** The code in a library's README, which imports from `scope`: by default this repository, as it is compiled. */
export function codeInReadme(library: string, scope = 'le-bureau-api-keys'): string {
  const readme = readFileSync(join(ROOT, 'libs', library, 'README.md'), 'utf8');
  const lines = readme.split('\n').filter((line) => line.startsWith('    ') || line === '');
  return lines
    .map((line) => line.slice(4))
    .join('\n')
    .replaceAll('@lebureau/', `${scope}/`)
    .trim();
}

/** A project of somebody else's, with `main.ts` and this package installed, compiled by tsc: what to run. */
export async function makeProject(main: string): Promise<string> {
  const folder = makeFolder(main);
  const project = { compilerOptions: COMPILER_OPTIONS, include: ['main.ts'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(project));
  const tsc = new RunningProcess(process.execPath, [
    join(ROOT, 'node_modules/typescript/bin/tsc'),
    '-p',
    folder,
  ]);
  const code = await tsc.exited;
  if (code !== 0) throw new Error(tsc.stdout);
  return join(folder, 'main.js');
}

/** The same without a check of its types, which takes by far the most time: for a variant of what was checked. */
export function makeVariant(main: string): string {
  const folder = makeFolder(main);
  const { outputText, diagnostics = [] } = ts.transpileModule(main, {
    compilerOptions: { ...COMPILER_OPTIONS, target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
    reportDiagnostics: true,
  });
  if (diagnostics.length > 0) throw new Error(ts.formatDiagnostics(diagnostics, ts.createCompilerHost({})));
  writeFileSync(join(folder, 'main.js'), outputText);
  return join(folder, 'main.js');
}

/** Runs a project that listens on `port`, and resolves once it does: Nest logs that it has started just before that. */
export async function startProject(
  main: string,
  port: number,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningProcess> {
  const app = new RunningProcess(process.execPath, [main], env);
  await app.waitForOutput('Nest application successfully started');
  while (!(await isListening(port))) await sleep(10);
  return app;
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, 'localhost');
  const isOpen = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return isOpen;
}

function makeFolder(main: string): string {
  const folder = runFolder('projects', uniqueName('project'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  writeFileSync(join(folder, 'main.ts'), main);
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules/le-bureau-api-keys'));
  for (const name of ['@nestjs', '@types', 'rxjs', 'reflect-metadata']) {
    symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  }
  return folder;
}
