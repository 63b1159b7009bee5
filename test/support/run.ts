import { spawn, spawnSync } from 'node:child_process';
import { accessSync, chmodSync, constants, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { EmbeddedPostgres } from '#libs/embedded-postgres';
import { endLeftDatabases, endLeftProcesses, makeTemplate, reservePorts } from '#libs/testing';

/*
 * npm test: starts what the tests need, runs them, and stops it. Arguments after `npm test --` go to jest, such as part of
 * a file's name.
 */
const ROOT = join(import.meta.dirname, '../../..');
const PASSWORD = 'the-database-password-of-the-tests';

/** The programs that tests run, and their Debian packages. */
const PROGRAMS = {
  'redis-server': 'redis-server',
  curl: 'curl',
  ps: 'procps',
  chromium: 'chromium',
  promtool: 'prometheus',
  pg_dump: 'postgresql',
  faketime: 'faketime',
  git: 'git',
  tar: 'tar',
  haproxy: 'haproxy',
  pgbouncer: 'pgbouncer',
  nginx: 'nginx',
  caddy: 'caddy',
  python3: 'python3',
};

requirePrograms();
await reservePorts();
const folder = mkdtempSync(join(tmpdir(), 'le-bureau-test-'));
chmodSync(folder, 0o711);
const postgres = await EmbeddedPostgres.start({
  folder,
  password: PASSWORD,
  // The run's database need not survive a power failure. It is searched for secrets at the end, so nothing in it is recycled.
  settings: { fsync: 'off', full_page_writes: 'off', max_connections: '300', max_wal_size: '4GB' },
});
const url = new URL(postgres.url);
url.password = PASSWORD;
url.pathname = '/postgres';

process.env.TEST_RUN_FOLDER = folder;
process.env.TEST_POSTGRES_URL = url.href;
await makeTemplate();
const jest = spawn(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
    // A test that failed may have left something open, which must not keep the run from ending.
    '--forceExit',
    ...process.argv.slice(2),
  ],
  { cwd: ROOT, stdio: 'inherit' },
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => jest.kill(signal));
const code = await new Promise<number>((resolve) => jest.on('close', (code) => resolve(code ?? 1)));

endLeftProcesses();
await postgres.stop();
endLeftDatabases();
const closingLine = join(folder, 'closing-line.txt');
const closing = existsSync(closingLine) ? readFileSync(closingLine, 'utf8') : '0 passed, 1 failed';
if (code === 0) rmSync(folder, { recursive: true });
else process.stderr.write(`What the servers have logged is in ${folder}.\n`);
process.stdout.write(`${closing}\n`);
process.exitCode = code;

/** Installs a missing program if possible; otherwise prints what to do. */
function requirePrograms(): void {
  const missing = Object.entries(PROGRAMS).filter(([program]) => !isThere(program));
  if (missing.length === 0) return;
  const packages = missing.map(([, name]) => name);
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    process.stderr.write(`Installing ${packages.join(', ')} with apt-get, since the tests need it.\n`);
    const options = { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } } as const;
    spawnSync('apt-get', ['update', '-q'], options);
    spawnSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], options);
    if (missing.every(([program]) => isThere(program))) return;
  }
  process.stderr.write(
    `The tests need ${missing.map(([program]) => program).join(', ')} on the PATH: install it.\n`,
  );
  process.exit(1);
}

/** Whether it is on the PATH. Starting each program to find out would take seconds. */
function isThere(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => isExecutable(join(folder, program)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
