/*
 * npm run build: compiles the services and builds the page, each only if its sources have changed. An `npm start` may be
 * using the existing files, so each file is replaced in one step, and none that it may need is deleted.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import process from 'node:process';

const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');
const PAGE = join('apps', 'dashboard', 'web');
const SOURCE_FOLDERS = ['apps', 'libs', 'test', 'scripts', 'bench', 'examples'];
const BUILD_INFO = join(DIST, '.tsbuildinfo');
const COMPILED = join(DIST, '.compiled.json');
/** Written by Vite's configuration: the files that the page was built from. */
const PAGE_INPUTS = join(DIST, '.page-inputs.json');
const PAGE_BUILT = join(DIST, '.page-built.json');

await compile();
buildPage();

async function compile() {
  const sources = filesIn(SOURCE_FOLDERS).filter((path) => isSource(path));
  const state = { sources: digest([...sources, 'tsconfig.json', 'package-lock.json']) };
  const missesOutput = sources.some((path) => !existsSync(join(DIST, outputOf(path))));
  removeStaleOutputs();
  if (!missesOutput && isSame(readJson(COMPILED), { ...state, buildInfo: modifiedAt(BUILD_INFO) })) return;

  process.stdout.write('Compiling the services...\n');
  // The compiler does not write the output of an unchanged source, even if it is missing.
  if (missesOutput) rmSync(BUILD_INFO, { force: true });
  rmSync(COMPILED, { force: true });
  if (!(await runCompiler())) process.exit(1);
  writeJson(COMPILED, { ...state, buildInfo: modifiedAt(BUILD_INFO) });
}

/** Like `tsc -p tsconfig.json`, except that a program that starts meanwhile never sees half a file. */
async function runCompiler() {
  const { default: ts } = await import('typescript');
  const system = { ...ts.sys, writeFile: replaceFile };
  const format = {
    getCanonicalFileName: (path) => path,
    getCurrentDirectory: () => ROOT,
    getNewLine: () => '\n',
  };
  const config = ts.getParsedCommandLineOfConfigFile(
    join(ROOT, 'tsconfig.json'),
    {},
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: (diagnostic) => {
        throw new Error(ts.formatDiagnostic(diagnostic, format));
      },
    },
  );
  const program = ts.createIncrementalProgram({
    rootNames: config.fileNames,
    options: config.options,
    configFileParsingDiagnostics: config.errors,
    host: ts.createIncrementalCompilerHost(config.options, system),
  });
  const diagnostics = [
    ...program.getConfigFileParsingDiagnostics(),
    ...program.getOptionsDiagnostics(),
    ...program.getSyntacticDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...program.getSemanticDiagnostics(),
    ...program.emit().diagnostics,
  ];
  process.stderr.write(ts.formatDiagnosticsWithColorAndContext(diagnostics, format));
  return diagnostics.every(({ category }) => category !== ts.DiagnosticCategory.Error);
}

function buildPage() {
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

function isSource(path) {
  return /\.ts$/.test(path) && !/\.d\.ts$/.test(path) && !path.startsWith(PAGE) && !isIgnored(path);
}

/** Not compiled, as in tsconfig.json. */
function isIgnored(path) {
  return (
    path.startsWith(join('bench', 'peers')) ||
    (/^(apps|libs|examples)/.test(path) && path.split('/')[2] !== 'src')
  );
}

function outputOf(path) {
  return path.replace(/\.ts$/, '.js');
}

/** Otherwise a test whose source was renamed would run twice. */
function removeStaleOutputs() {
  for (const path of filesIn(SOURCE_FOLDERS, DIST)) {
    const [, name] = /^(.*?)(?:\.js|\.js\.map|\.d\.ts)$/.exec(path) ?? [];
    if (name === undefined || path.startsWith(PAGE)) continue;
    if (!existsSync(join(ROOT, `${name}.ts`))) rmSync(join(DIST, path), { force: true });
  }
}

/** The paths of all files in the folders, relative to `root`, in a fixed order. */
function filesIn(folders, root = ROOT) {
  return folders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name))),
    )
    .sort();
}

/** Of names and contents, so that switching branches back and forth compiles nothing. */
function digest(paths) {
  const hash = createHash('sha256');
  for (const path of paths.filter((path) => existsSync(join(ROOT, path)))) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(ROOT, path)))
      .update('\0');
  }
  return hash.digest('hex');
}

function modifiedAt(path) {
  return existsSync(path) ? statSync(path).mtimeMs : undefined;
}

function replaceFile(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, text);
  renameSync(unfinished, path);
}

function readJson(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

function writeJson(path, value) {
  replaceFile(path, JSON.stringify(value));
}

function isSame(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}
