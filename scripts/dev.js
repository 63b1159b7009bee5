/*
 * npm run dev: an npm start that compiles services and page when they change, and restarts. Errors and stack traces have
 * the line numbers of the sources.
 */
import { spawn } from 'node:child_process';
import { copyFileSync, watchFile } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = join(import.meta.dirname, '..');
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const VITE = join(ROOT, 'node_modules/vite/bin/vite.js');
const PAGE = join(ROOT, 'apps/dashboard/web/vite.config.ts');
const CATALOGUE = 'libs/catalogue/src/le-bureau.yaml';
/** Changes within this time restart the services once. */
const RESTART_DELAY_MS = 200;

await import('./build.js');

const watchers = [
  watch([TSC, '-p', 'tsconfig.json', '--watch', '--preserveWatchOutput'], /Found 0 errors/),
  watch([VITE, 'build', '--watch', '-c', PAGE, '--logLevel', 'info'], /^built in /),
];
let services = startServices();
let restarting;
// It is copied, and not compiled.
watchFile(join(ROOT, CATALOGUE), { interval: 500, persistent: false }, () => {
  copyFileSync(join(ROOT, CATALOGUE), join(ROOT, 'dist', CATALOGUE));
  restarting ??= restart();
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    for (const child of [...watchers, services]) child.kill(signal);
  });
}

/** Starts a watcher and shows its output. A line that matches `done` means that it has built everything. */
function watch(args, done) {
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  // The first build changes nothing, since everything is built already.
  let builds = 0;
  createInterface(child.stdout).on('line', (line) => {
    if (line.trim() !== '') process.stdout.write(`${line}\n`);
    if (done.test(line) && builds++ > 0) restarting ??= restart();
  });
  return child;
}

async function restart() {
  await sleep(RESTART_DELAY_MS);
  restarting = undefined;
  const before = services;
  const ended = new Promise((resolve) => before.once('exit', resolve));
  if (before.exitCode === null && before.signalCode === null && before.kill('SIGTERM')) await ended;
  services = startServices();
}

function startServices() {
  // Without a load balancer, nothing needs to drain.
  const env = { DRAIN_SECONDS: '0', ...process.env };
  const args = ['--enable-source-maps', 'dist/apps/standalone/src/main.js'];
  return spawn(process.execPath, args, { cwd: ROOT, env, stdio: 'inherit' });
}
