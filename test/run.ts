import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedPostgres } from '#libs/embedded-postgres';

/*
 * npm test: brings up what the tests need, runs them, and takes it down. Words behind `npm test --` go to jest, such as
 * a part of a file's name.
 */
const ROOT = join(import.meta.dirname, '../..');
const PASSWORD = 'the-database-password-of-the-tests';

requireRedis();
const folder = mkdtempSync(join(tmpdir(), 'le-bureau-test-'));
chmodSync(folder, 0o711);
const postgres = await EmbeddedPostgres.start({
  folder,
  password: PASSWORD,
  // The run's database need not survive a power cut. It is searched for secrets at the end, so nothing of it is recycled.
  settings: { fsync: 'off', full_page_writes: 'off', max_connections: '300', max_wal_size: '4GB' },
});
const url = new URL(postgres.url);
url.password = PASSWORD;
url.pathname = '/postgres';

const { status } = spawnSync(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
    ...process.argv.slice(2),
  ],
  {
    cwd: ROOT,
    stdio: 'inherit',
    timeout: 30 * 60_000,
    env: { ...process.env, TEST_RUN_FOLDER: folder, TEST_POSTGRES_URL: url.href },
  },
);
await postgres.stop();
const closingLine = join(folder, 'closing-line.txt');
const closing = existsSync(closingLine) ? readFileSync(closingLine, 'utf8') : '0 passed, 1 failed';
if (status === 0) rmSync(folder, { recursive: true });
else process.stderr.write(`What the servers have logged is in ${folder}.\n`);
process.stdout.write(`${closing}\n`);
process.exitCode = status ?? 1;

/** The tests need a real Redis. Where that can be installed, it is; elsewhere one sentence says what to do. */
function requireRedis(): void {
  if (runs('redis-server', '--version')) return;
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    process.stderr.write('Installing redis-server with apt-get, since the tests need it.\n');
    const options = { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } } as const;
    spawnSync('apt-get', ['update', '-q'], options);
    spawnSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'redis-server'], options);
    if (runs('redis-server', '--version')) return;
  }
  process.stderr.write(
    'The tests need redis-server on the PATH: install it, for example with brew install redis.\n',
  );
  process.exit(1);
}

function runs(program: string, ...args: string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}
