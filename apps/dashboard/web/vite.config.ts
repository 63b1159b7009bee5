import { join } from 'node:path';
import { defineConfig } from 'vite';

const ROOT = join(import.meta.dirname, '../../..');

/** The page is built beside what serves it. Its libraries are taken from `dist`: build those first. */
export default defineConfig({
  root: import.meta.dirname,
  cacheDir: join(ROOT, 'node_modules/.vite'),
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
    // One file: the limit that counts is the test's, on what is sent.
    chunkSizeWarningLimit: 1000,
  },
});
