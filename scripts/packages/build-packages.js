/*
 * npm run packages [folder]: builds every package, puts its tarball into the folder (`packages` by default), and lets publint
 * and attw check it; and puts there what MCP clients find and install, by write-mcp-listing.ts.
 *
 * A package is CommonJS with a module beside it that exports the same: so Nest 11's template, its Jest and ESM can all load
 * it, and a process never has two copies of a guard's tokens.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import process from 'node:process';
import { rolldown } from 'rolldown';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import { DIST, ROOT, readJson } from '../build/files.js';
import { PACKAGES } from './packages.js';

const REPOSITORY = readJson(join(ROOT, 'package.json'));
const BUILT = join(DIST, 'packages');

/** Finds the types of our libraries, as `imports` of package.json does. */
const typesOfLibraries = {
  name: 'types-of-libraries',
  resolveId(id) {
    const [hash, library, ...part] = id.split('/');
    return hash === '#libs' ? join(DIST, 'libs', library, 'src', ...part, 'index.d.ts') : null;
  },
};

const target = resolve(process.argv[2] ?? join(ROOT, 'packages'));
rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
run(process.execPath, join(DIST, 'scripts/packages/write-mcp-listing.js'), target);
/** The entry in the MCP registry, which accepts it only if the package names it. */
const listing = readJson(join(target, 'server.json'));
for (const [name, parts] of Object.entries(PACKAGES)) {
  const folder = join(BUILT, parts.folder.split('/').at(-1));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await writeModules(folder, parts);
  if (parts.entries !== undefined) await writeTypes(folder, parts);
  for (const file of ['LICENSE', join(parts.folder, 'README.md')])
    cpSync(join(ROOT, file), join(folder, file.split('/').at(-1)));
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest(name, parts), null, 2)}\n`);
  const packed = run('npm', 'pack', folder, '--pack-destination', target, '--silent');
  const tarball = join(target, packed.trim());
  run(tool('publint'), 'run', tarball, '--strict');
  if (parts.entries !== undefined) run(tool('attw'), tarball);
  process.stdout.write(`${relative(process.cwd(), tarball)}\n`);
}

/** Returns the output, and shows it if the program finds something wrong. */
function run(program, ...args) {
  try {
    return execFileSync(program, args, { cwd: ROOT, encoding: 'utf8' });
  } catch (err) {
    process.stderr.write(`${err.stdout}${err.stderr}`);
    throw err;
  }
}

function tool(name) {
  return join(ROOT, 'node_modules/.bin', name);
}

/** `./testing` is the files `testing.*`, and `.` the files `index.*`. */
function fileOf(subPath) {
  return subPath === '.' ? 'index' : subPath.slice('./'.length);
}

function inputs({ folder, entries = {}, bin = {} }, extension) {
  const modules = [
    ...Object.entries(entries).map(([subPath, module]) => [fileOf(subPath), module]),
    ...Object.entries(bin),
  ];
  return Object.fromEntries(
    modules.map(([file, module]) => [file, join(DIST, folder, 'src', module.replace(/\.js$/, extension))]),
  );
}

/**
 * What is not bundled: the packages that the application has, or that are installed with this one. undici is loaded by
 * clients of the management API, and by them only for certificates.
 */
function isExternal({ dependencies, peers }) {
  const names = [...dependencies, ...Object.keys(peers), 'undici'];
  return (id) => id.startsWith('node:') || names.some((name) => id === name || id.startsWith(`${name}/`));
}

async function writeModules(folder, parts) {
  const { bin = {} } = parts;
  const bundle = await rolldown({
    input: inputs(parts, '.js'),
    cwd: ROOT,
    platform: 'node',
    external: isExternal(parts),
    // As in programs, what may throw stays (docs/decisions/0015-programs-are-bundled.md).
    treeshake: false,
    onLog: (level, { message }) => {
      if (level === 'warn') throw new Error(message);
    },
  });
  const { output } = await bundle.write({
    dir: folder,
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: 'shared/[name].cjs',
    sourcemap: true,
    keepNames: true,
    minify: false,
  });
  await bundle.close();
  for (const { type, isEntry, name, exports } of output) {
    if (type !== 'chunk' || !isEntry || name in bin) continue;
    const names = exports.filter((each) => each !== 'default');
    const module = `import commonJs from './${name}.cjs';\n\nexport const { ${names.join(', ')} } = commonJs;\n`;
    writeFileSync(join(folder, `${name}.mjs`), module);
  }
}

async function writeTypes(folder, parts) {
  const isOutside = isExternal(parts);
  const bundle = await rollup({
    input: inputs(parts, '.d.ts'),
    external: isOutside,
    plugins: [
      typesOfLibraries,
      dts({ tsconfig: join(ROOT, 'tsconfig.json'), includeExternal: ['jose', '@opentelemetry/api'] }),
    ],
    onLog: (_, { message, code }) => {
      if (code === 'UNRESOLVED_IMPORT') throw new Error(message);
    },
  });
  await bundle.write({
    dir: folder,
    format: 'es',
    entryFileNames: '[name].d.cts',
    chunkFileNames: 'shared/[name].d.cts',
  });
  await bundle.close();
  for (const subPath of Object.keys(parts.entries)) {
    const file = fileOf(subPath);
    writeFileSync(join(folder, `${file}.d.mts`), `export * from './${file}.cjs';\n`);
  }
}

function manifest(name, { description, entries, bin = {}, dependencies, peers, optional = [] }) {
  return {
    name,
    version: REPOSITORY.version,
    description,
    license: REPOSITORY.license,
    type: 'commonjs',
    engines: REPOSITORY.engines,
    ...(entries !== undefined && facesOf(Object.keys(entries))),
    bin: Object.fromEntries(Object.keys(bin).map((command) => [command, `./${command}.cjs`])),
    files: ['*.cjs', '*.mjs', '*.cts', '*.mts', '*.map', 'shared'],
    sideEffects: true,
    dependencies: Object.fromEntries(dependencies.map((each) => [each, REPOSITORY.dependencies[each]])),
    peerDependencies: peers,
    peerDependenciesMeta: Object.fromEntries(optional.map((each) => [each, { optional: true }])),
    ...(listing.packages.some(({ identifier }) => identifier === name) && { mcpName: listing.name }),
    publishConfig: { access: 'public', provenance: true },
  };
}

/** Where to find what a package exports, for each way of loading it. */
function facesOf(subPaths) {
  return {
    main: './index.cjs',
    module: './index.mjs',
    types: './index.d.cts',
    exports: {
      ...Object.fromEntries(subPaths.map((subPath) => [subPath, exportsOf(fileOf(subPath))])),
      './package.json': './package.json',
    },
    // For TypeScript's older resolutions, which do not know `exports`.
    typesVersions: {
      '*': Object.fromEntries(
        subPaths
          .filter((subPath) => subPath !== '.')
          .map((subPath) => [fileOf(subPath), [`./${fileOf(subPath)}.d.cts`]]),
      ),
    },
  };
}

function exportsOf(file) {
  return {
    import: { types: `./${file}.d.mts`, default: `./${file}.mjs` },
    require: { types: `./${file}.d.cts`, default: `./${file}.cjs` },
  };
}
