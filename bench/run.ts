import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedPostgres } from '#libs/embedded-postgres';
import { endLeftProcesses } from '#libs/testing';
import { Attempts } from './attempts.js';
import { OTHER_CORE, describeMachine, keepAwake, pin, shareEvenly } from './machine.js';
import { measureActivity } from './measures/activity.js';
import { measureClosedLoop } from './measures/closed-loop.js';
import { measureFloods } from './measures/floods.js';
import { measureHeaders } from './measures/headers.js';
import { measureMemory } from './measures/memory.js';
import { measureAnnouncements } from './measures/announcements.js';
import { measureMessages } from './measures/messages.js';
import { measureOpenLoop } from './measures/open-loop.js';
import { measurePage } from './measures/page.js';
import { measureProfile } from './measures/profile.js';
import { measureReports } from './measures/reports.js';
import { measureRestart } from './measures/restart.js';
import { measureRevokes } from './measures/revokes.js';
import { measureRows } from './measures/rows.js';
import { measureTicks } from './measures/ticks.js';
import { type BenchOptions, isWanted, readOptions } from './options.js';
import { chartOf } from './report/chart.js';
import { markdownOf } from './report/markdown.js';
import type { Results } from './report/results.js';
import { requirePeers, requireTools } from './tools.js';
import { World } from './world.js';

/*
 * npm run bench: starts what is measured and what measures it, and prints one table. `--only b,a`, `--seconds` and
 * `--rounds` make it shorter; `--write` puts the results into docs.
 */
const ROOT = join(import.meta.dirname, '../..');
const PASSWORD = 'the-database-password-of-the-benchmark';

const options = readOptions(process.argv.slice(2));
requireTools();
if (['j1', 'j2', 'j3', 'j4'].some((name) => isWanted(options, name))) requirePeers();
// Everything that is started from here on inherits the core; what is measured is moved to the other.
pin(process.pid, OTHER_CORE);

const folder = mkdtempSync(join(tmpdir(), 'le-bureau-bench-'));
chmodSync(folder, 0o711);
const postgres = await EmbeddedPostgres.start({
  folder,
  password: PASSWORD,
  // Nothing here must survive a power failure. That favors those who write for each request, which we do not.
  settings: {
    fsync: 'off',
    full_page_writes: 'off',
    max_connections: '300',
    max_wal_size: '8GB',
    shared_buffers: '512MB',
  },
});
const url = new URL(postgres.url);
url.password = PASSWORD;
url.pathname = '/postgres';
process.env.TEST_RUN_FOLDER = folder;
process.env.TEST_POSTGRES_URL = url.href;
const [awake, even] = [keepAwake(), shareEvenly()];
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => void takeDown().finally(() => process.exit(1)));

try {
  const results = await measure(options);
  const page = markdownOf(results);
  process.stdout.write(page + '\n');
  if (options.write) {
    writeFileSync(join(ROOT, 'docs/benchmarks.json'), JSON.stringify(results, undefined, 2) + '\n');
    writeFileSync(join(ROOT, 'docs/benchmarks.md'), page + '\n');
    writeFileSync(join(ROOT, 'docs/benchmarks.svg'), chartOf(results));
  }
  process.exitCode = results.failed.length === 0 ? 0 : 1;
} finally {
  await takeDown();
}
process.exit();

async function measure(options: BenchOptions): Promise<Results> {
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const attempts = new Attempts(say);
  const ifWanted = <Measure>(
    name: string,
    measure: () => Promise<Measure>,
  ): Promise<Measure | undefined> | undefined =>
    isWanted(options, name) ? attempts.run(name, measure) : undefined;
  const machine = describeMachine({ isAwake: awake.isMade, isEven: even.isMade });
  const world = await World.open();
  return {
    machine,
    seconds: options.seconds,
    warmupSeconds: options.warmup,
    rounds: options.rounds,
    cases: await measureClosedLoop(world, options, attempts, say),
    openLoop: (await ifWanted('open', () => measureOpenLoop(world, options, say))) ?? [],
    floods: (await ifWanted('floods', () => measureFloods(world, options, say))) ?? [],
    profile: await ifWanted('profile', () => measureProfile(world, options, say)),
    ticks: await ifWanted('ticks', () => Promise.resolve(measureTicks())),
    messages: await ifWanted('messages', () => measureMessages(world, options.seconds)),
    headers: await ifWanted('headers', () => measureHeaders(world)),
    bytesPerCachedKey: await ifWanted('memory', () => measureMemory(world)),
    page: await ifWanted('page', () => measurePage(world)),
    rows: await ifWanted('rows', () => measureRows(options, say)),
    activity: await ifWanted('activity', () => measureActivity()),
    announcements: await ifWanted('announcements', () => measureAnnouncements()),
    reports: await ifWanted('reports', () => measureReports(world)),
    restart: await ifWanted('restart', () => measureRestart(world)),
    revokes: await ifWanted('revokes', measureRevokes),
    failed: attempts.failed,
  };
}

async function takeDown(): Promise<void> {
  awake.end();
  even.end();
  endLeftProcesses();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
