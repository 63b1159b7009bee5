import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { type Plugin, defineConfig } from 'vite';

const ROOT = join(import.meta.dirname, '../../..');

/** Builds the page into the folder of the compiled backend. `#libs` come from `dist`, so compile first. */
export default defineConfig({
  root: import.meta.dirname,
  cacheDir: join(ROOT, 'node_modules/.vite'),
  plugins: [compressed()],
  build: {
    outDir: join(ROOT, 'dist/apps/dashboard/web'),
    emptyOutDir: true,
    // No data: URLs, which the Content-Security-Policy would have to allow.
    assetsInlineLimit: 0,
    // The polyfill is an inline script, which the policy forbids, and current browsers do not need it.
    modulePreload: { polyfill: false },
    rolldownOptions: {
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
