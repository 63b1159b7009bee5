import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readNote } from '#libs/embedded-postgres';

/**
 * The folder of this test run. Servers keep their data and logs in it, and nothing in it is deleted before the run is over,
 * so that the last test can search all of it for what must not be there.
 */
export function runFolder(...path: string[]): string {
  const folder = process.env.TEST_RUN_FOLDER;
  if (folder === undefined) throw new Error('run the tests with: npm test');
  const inside = join(folder, ...path);
  mkdirSync(inside, { recursive: true });
  return inside;
}

const PROCESSES = 'processes.txt';

/** Records that a process has started or ended, so that none outlives the run, even if a test fails before it stops it. */
export function noteProcess(what: 'started' | 'ended', pid: number): void {
  appendFileSync(join(runFolder(), PROCESSES), `${what} ${pid}\n`);
}

/** Ends processes that tests have started and not stopped. */
export function endLeftProcesses(): void {
  const path = join(runFolder(), PROCESSES);
  const notes = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  const ended = new Set(
    notes.filter((note) => note.startsWith('ended ')).map((note) => Number(note.slice(6))),
  );
  for (const note of notes.filter((note) => note.startsWith('started '))) {
    const pid = Number(note.slice(8));
    if (!ended.has(pid) && pid > 1) endProcess(pid, 'SIGKILL');
  }
}

/** Ends each PostgreSQL whose cluster is in the run's folder: a killed `npm start` leaves one behind. */
export function endLeftDatabases(): void {
  const files = readdirSync(runFolder(), { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((file) => basename(file) === 'postmaster.pid')) {
    const note = readNote(dirname(join(runFolder(), file)));
    if (note !== undefined) endProcess(note.pid, 'SIGQUIT');
  }
}

function endProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended since.
  }
}

const ISSUED = 'issued-keys.txt';

/** Records a key that was issued in this run, so that the last test can search for it. Outside the folders that it searches. */
export function noteIssued(token: string): void {
  appendFileSync(join(runFolder(), ISSUED), token + '\n', { mode: 0o600 });
}

/** Every key that was issued in this run. */
export function issuedInThisRun(): string[] {
  return readFileSync(join(runFolder(), ISSUED), 'utf8').trim().split('\n');
}

/** A name that is unique in this run. */
export function uniqueName(what: string): string {
  return `${what}-${randomBytes(5).toString('hex')}`;
}
