import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const PEERS = join(import.meta.dirname, '../../bench/peers');

/** The programs that the benchmark runs, and their Debian packages. */
const PROGRAMS = {
  wrk: 'wrk',
  'redis-server': 'redis-server',
  taskset: 'util-linux',
  chromium: 'chromium',
  nginx: 'nginx',
};

/** Installs missing programs if possible, and otherwise says what to do. */
export function requireTools(): void {
  const missing = Object.entries(PROGRAMS).filter(([program]) => !isThere(program));
  if (missing.length > 0 && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    const options = { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } } as const;
    spawnSync('apt-get', ['update', '-q'], options);
    const packages = missing.map(([, name]) => name);
    spawnSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], options);
  }
  const wanted = missing.map(([program]) => program).filter((program) => !isThere(program));
  if (wanted.length > 0)
    throw new Error(`The benchmark needs Linux with ${wanted.join(', ')} on the PATH: install it.`);
}

/** Installs the peers, which only the benchmark needs. */
export function requirePeers(): void {
  if (existsSync(join(PEERS, 'node_modules/better-auth'))) return;
  const { status } = spawnSync('npm', ['ci', '--prefix', PEERS, '--no-audit', '--no-fund'], {
    stdio: 'inherit',
  });
  if (status !== 0)
    throw new Error('The peers cannot be installed: see above, or leave them out with --only.');
}

function isThere(program: string): boolean {
  return spawnSync('which', [program], { stdio: 'ignore' }).status === 0;
}
