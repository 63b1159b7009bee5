/*
 * npm run build: compiles the services, bundles the programs and builds the page, each only if its sources have changed. An
 * `npm start` may be using the existing files, so each file is replaced in one step, and none that it may need is deleted.
 */
import { bundlePrograms } from './build/bundle.js';
import { compile } from './build/compile.js';
import { buildPage } from './build/page.js';

await compile();
await bundlePrograms();
buildPage();
