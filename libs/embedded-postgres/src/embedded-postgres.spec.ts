import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { runFolder, uniqueName } from '#libs/testing';
import { EmbeddedPostgres, FolderInUse } from './embedded-postgres.js';

const PASSWORD = 'the-database-password-of-the-tests';

let running: EmbeddedPostgres | undefined;
let other: ChildProcess | undefined;
afterEach(async () => {
  await running?.stop();
  running = undefined;
  other?.kill('SIGKILL');
  other = undefined;
});

/** A cluster whose server has crashed, leaving its postmaster.pid behind. */
async function crashed(): Promise<{ folder: string; note: string }> {
  const folder = runFolder(uniqueName('embedded'));
  const server = await EmbeddedPostgres.start({ folder, password: PASSWORD });
  process.kill(server.pid, 'SIGQUIT');
  const note = join(folder, 'postgres', 'postmaster.pid');
  const text = readFileSync(note, 'utf8');
  await gone(server.pid);
  // A server that has the time to do so removes the file.
  writeFileSync(note, text);
  return { folder, note };
}

async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A process of the user that PostgreSQL runs as: PostgreSQL itself would not mind one of another. */
async function startOther(folder: string): Promise<number> {
  const { uid, gid } = statSync(join(folder, 'postgres'));
  other = spawn('sleep', ['60'], { uid, gid, stdio: 'ignore' });
  await once(other, 'spawn');
  return other.pid ?? -1;
}

/** Writes that PID into the cluster's postmaster.pid. */
function claim(note: string, pid: number): void {
  const [, ...rest] = readFileSync(note, 'utf8').split('\n');
  writeFileSync(note, [String(pid), ...rest].join('\n'));
}

describe('a folder whose server has crashed', () => {
  it('is used again if another program now has the PID of that server', async () => {
    const { folder, note } = await crashed();
    claim(note, await startOther(folder));
    running = await EmbeddedPostgres.start({ folder, password: PASSWORD });
    expect(running.url).toMatch(/^postgres:/);
    expect(other?.exitCode).toBeNull();
  });

  it('is used again if the PostgreSQL of another folder has that PID', async () => {
    const { folder, note } = await crashed();
    const neighbor = await EmbeddedPostgres.start({
      folder: runFolder(uniqueName('embedded')),
      password: PASSWORD,
    });
    claim(note, neighbor.pid);
    running = await EmbeddedPostgres.start({ folder, password: PASSWORD });
    await neighbor.stop();
  });
});

describe('a folder whose server is running', () => {
  it('is not touched', async () => {
    const folder = runFolder(uniqueName('embedded'));
    running = await EmbeddedPostgres.start({ folder, password: PASSWORD });
    const note = join(folder, 'postgres', 'postmaster.pid');
    const before = readFileSync(note, 'utf8');
    await expect(EmbeddedPostgres.start({ folder, password: PASSWORD })).rejects.toThrow(FolderInUse);
    expect(readFileSync(note, 'utf8')).toBe(before);
  });

  it('is refused with another password', async () => {
    const folder = runFolder(uniqueName('embedded'));
    running = await EmbeddedPostgres.start({ folder, password: PASSWORD });
    await expect(EmbeddedPostgres.start({ folder, password: 'wrong' })).rejects.toThrow(
      /has another password: set DATABASE_PASSWORD/,
    );
    await running.stop();
    running = undefined;
    await expect(EmbeddedPostgres.start({ folder, password: 'wrong' })).rejects.toThrow(
      /has another password: set DATABASE_PASSWORD/,
    );
  });
});
