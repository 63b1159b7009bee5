import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { type Plugin, defineConfig } from 'vite';

const ROOT = join(import.meta.dirname, '../../..');

/** The page is built beside what serves it. Its libraries are taken from `dist`: build those first. */
export default defineConfig({
  root: import.meta.dirname,
  cacheDir: join(ROOT, 'node_modules/.vite'),
  plugins: [compressed()],
  build: {
    outDir: join(ROOT, 'dist/apps/dashboard/web'),
    emptyOutDir: true,
    // Nothing is put into the page as data: it would have to be allowed by the Content-Security-Policy.
    assetsInlineLimit: 0,
    // Also asked for by an inline script, which the policy forbids; every browser of our age has it.
    modulePreload: { polyfill: false },
    rolldownOptions: {
      onLog: (level, log, say) => {
        // Libraries mark what may not run on a server. This page never does.
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') say(level, log);
      },
    },
    // The limit that counts is the test's, on what is sent.
    chunkSizeWarningLimit: 1000,
  },
});

/** Puts what is sent to browsers beside each file, so that it is compressed once and as well as can be. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    // Not before all is written: Vite itself changes chunks until then.
    writeBundle({ dir = '' }, bundle) {
      for (const name of Object.keys(bundle).filter((name) => !name.endsWith('.html'))) {
        const path = join(dir, name);
        writeFileSync(`${path}.br`, brotliCompressSync(readFileSync(path)));
      }
    },
  };
}
