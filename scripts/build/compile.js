import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import {
  DIST,
  PAGE,
  ROOT,
  digest,
  filesIn,
  isSame,
  modifiedAt,
  readJson,
  replaceFile,
  writeJson,
} from './files.js';

const SOURCE_FOLDERS = ['apps', 'libs', 'test', 'scripts', 'bench', 'examples'];
const BUILD_INFO = join(DIST, '.tsbuildinfo');
const COMPILED = join(DIST, '.compiled.json');

/** Compiles all sources but the page's, and copies documents, if one has changed. Errors of types end the process. */
export async function compile() {
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
  for (const path of sources.filter((path) => !path.endsWith('.ts')))
    replaceFile(join(DIST, outputOf(path)), readFileSync(join(ROOT, path)));
  await stripTypes(sources.filter(isProjectOfItsOwn));
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

/** Types are not checked here, but by lint. */
async function stripTypes(paths) {
  const { default: ts } = await import('typescript');
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile);
  const compilerOptions = { ...config.compilerOptions, module: 'esnext', sourceMap: false };
  for (const path of paths) {
    const { outputText } = ts.transpileModule(readFileSync(join(ROOT, path), 'utf8'), { compilerOptions });
    replaceFile(join(DIST, outputOf(path)), outputText);
  }
}

/** What is compiled, and documents that are copied beside it. */
function isSource(path) {
  if (path.startsWith(PAGE) || (isIgnored(path) && !isProjectOfItsOwn(path))) return false;
  return (/\.ts$/.test(path) && !/\.d\.ts$/.test(path)) || /^libs\/.*\.yaml$/.test(path);
}

/** Not compiled, as in tsconfig.json. */
function isIgnored(path) {
  return (
    path.startsWith(join('bench', 'peers')) ||
    (/^(apps|libs|examples)/.test(path) && path.split('/')[2] !== 'src')
  );
}

/** One that declares its own capabilities, which would hold for all that is compiled with it. It has a tsconfig.json. */
function isProjectOfItsOwn(path) {
  return /^examples\/invoices\/.*\.ts$/.test(path);
}

function outputOf(path) {
  return path.replace(/\.ts$/, '.js');
}

/** Otherwise a test whose source was renamed would run twice. */
function removeStaleOutputs() {
  for (const path of filesIn(SOURCE_FOLDERS, DIST)) {
    const [, name, ending = ''] = /^(.*?)(\.js|\.js\.map|\.d\.ts|\.yaml)$/.exec(path) ?? [];
    if (name === undefined || path.startsWith(PAGE)) continue;
    const source = ending === '.yaml' ? path : `${name}.ts`;
    if (!existsSync(join(ROOT, source))) rmSync(join(DIST, path), { force: true });
  }
}
