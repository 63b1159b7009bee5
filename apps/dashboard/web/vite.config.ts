import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { type Plugin, defineConfig } from 'vite';
import { z } from 'zod';

const ROOT = join(import.meta.dirname, '../../..');
const DIST = join(ROOT, 'dist');
/** Where the dashboard serves it from. */
const PAGE = join(DIST, 'apps/dashboard/web');
const UNFINISHED = join(DIST, '.page');
/** How long files of an earlier build are kept, for dashboards that still serve it. */
const KEPT_MS = 24 * 60 * 60 * 1000;

/** Builds the page into the folder of the compiled backend. `#libs` come from `dist`, so compile first. */
export default defineConfig({
  root: import.meta.dirname,
  cacheDir: join(ROOT, 'node_modules/.vite'),
  plugins: [compressed(), recordInputs(), moveIntoPlace()],
  build: {
    outDir: UNFINISHED,
    emptyOutDir: true,
    // No data: URLs, which the Content-Security-Policy would have to allow.
    assetsInlineLimit: 0,
    // The polyfill is an inline script, which the policy forbids, and current browsers do not need it.
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // Of libs/keys-contract, the page needs the management API only.
      treeshake: { moduleSideEffects: [{ test: /\/dist\/libs\//, sideEffects: false }] },
      onLog: (level, log, say) => {
        // Libraries mark client-only modules with "use client", which Vite would warn about.
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') say(level, log);
      },
    },
    // test/dashboard/browser/weight.spec.ts limits the compressed size instead.
    chunkSizeWarningLimit: 1000,
  },
});

/** Writes a Brotli-compressed copy beside each file, so that nothing is compressed per request. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    // Vite changes chunks until they are written.
    writeBundle({ dir = '' }, bundle) {
      for (const name of Object.keys(bundle).filter((name) => !name.endsWith('.html'))) {
        const path = join(dir, name);
        writeFileSync(`${path}.br`, brotliCompressSync(readFileSync(path)));
      }
    },
  };
}

/** Writes down which files of this repository the page was built from, for `scripts/build.js`. */
function recordInputs(): Plugin {
  return {
    name: 'record-inputs',
    apply: 'build',
    writeBundle() {
      const paths = [...this.getModuleIds()]
        .filter((id) => id.startsWith(ROOT) && !id.includes('node_modules'))
        .map((id) => relative(ROOT, id));
      writeFileSync(join(DIST, '.page-inputs.json'), JSON.stringify(paths));
    },
  };
}

/**
 * Puts the finished page where it is served from, `index.html` last. A dashboard that runs goes on serving the files of
 * the build before.
 */
function moveIntoPlace(): Plugin {
  return {
    name: 'move-into-place',
    apply: 'build',
    writeBundle() {
      const before = new Set(filesIn(PAGE));
      const built = filesIn(UNFINISHED).sort(
        (a, b) => Number(a === 'index.html') - Number(b === 'index.html'),
      );
      for (const path of built) {
        mkdirSync(dirname(join(PAGE, path)), { recursive: true });
        renameSync(join(UNFINISHED, path), join(PAGE, path));
        before.delete(path);
      }
      const list = join(DIST, '.page-files.json');
      const lastBuild = existsSync(list) ? readFileSync(list, 'utf8') : '[]';
      const replaced = new Set(z.array(z.string()).parse(JSON.parse(lastBuild)));
      for (const path of before) {
        if (replaced.has(path)) utimesSync(join(PAGE, path), new Date(), new Date());
        else if (Date.now() - statSync(join(PAGE, path)).mtimeMs > KEPT_MS) rmSync(join(PAGE, path));
      }
      writeFileSync(list, JSON.stringify(built));
    },
  };
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}
