/*
 * npm run dev: npm start that compiles what changes, services and page, and starts again with it. Errors and stack
 * traces name the lines of the sources.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = join(import.meta.dirname, '..');
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const VITE = join(ROOT, 'node_modules/vite/bin/vite.js');
const PAGE = join(ROOT, 'apps/dashboard/web/vite.config.ts');
/** Changes that come together start the services once. */
const TOGETHER_MS = 200;

await import('./build.js');

const watchers = [
  watch([TSC, '-p', 'tsconfig.json', '--watch', '--preserveWatchOutput'], /Found 0 errors/),
  watch([VITE, 'build', '--watch', '-c', PAGE, '--logLevel', 'info'], /^built in /),
];
let services = startServices();
let restarting;

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    for (const child of [...watchers, services]) child.kill(signal);
  });
}

/** Starts a watcher, whose output is shown. A line like `done` says that it has built everything. */
function watch(args, done) {
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  // The first build changes nothing: all is built already.
  let builds = 0;
  createInterface(child.stdout).on('line', (line) => {
    if (line.trim() !== '') process.stdout.write(`${line}\n`);
    if (done.test(line) && builds++ > 0) restarting ??= restart();
  });
  return child;
}

async function restart() {
  await sleep(TOGETHER_MS);
  restarting = undefined;
  const before = services;
  const ended = new Promise((resolve) => before.once('exit', resolve));
  if (before.exitCode === null && before.signalCode === null && before.kill('SIGTERM')) await ended;
  services = startServices();
}

function startServices() {
  // No waiting for a load balancer.
  const env = { DRAIN_SECONDS: '0', ...process.env };
  const args = ['--enable-source-maps', 'dist/apps/standalone/src/main.js'];
  return spawn(process.execPath, args, { cwd: ROOT, env, stdio: 'inherit' });
}
