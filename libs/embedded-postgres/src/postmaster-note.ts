import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The parts of PostgreSQL's `postmaster.pid` that are needed here. */
export interface PostmasterNote {
  readonly pid: number;
  readonly port: number;
}

/** A PID that no process has: PostgreSQL takes a file with it for that of a server that is gone. */
const NOBODYS_PID = 2_147_483_647;

/**
 * The `postmaster.pid` of a cluster's running server; undefined if none runs.
 *
 * A killed server leaves its file behind, and another process may get its PID, in a container soon and each time. Since
 * PostgreSQL only checks whether a process with that PID and user exists, it would never start again. So if the PID belongs
 * to another program, it is replaced with one that no process has. The file is not deleted: PostgreSQL uses the rest of it
 * to find out whether processes of the killed server are left that still write.
 */
export function readNote(cluster: string): PostmasterNote | undefined {
  const path = join(cluster, 'postmaster.pid');
  if (!existsSync(path)) return undefined;
  const lines = readFileSync(path, 'utf8').split('\n');
  const [pid, , , port] = lines.map((line) => (/^\d+$/.test(line) ? Number(line) : undefined));
  if (pid === undefined || pid === NOBODYS_PID || !isThere(pid)) return undefined;
  if (!isServerOf(cluster, pid)) {
    disown(path, lines);
    return undefined;
  }
  return port === undefined ? undefined : { pid, port };
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Whether a process is PostgreSQL on this cluster, by its command line; true if that cannot be read. */
function isServerOf(cluster: string, pid: number): boolean {
  const command = commandLineOf(pid);
  if (command === undefined) return true;
  if (!/(^|\/)(postgres|postmaster)( |$)/.test(command)) return false;
  return !/ -D ?\S/.test(command) || `${command} `.includes(`-D ${cluster} `);
}

/** Its arguments, separated by spaces. */
function commandLineOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    const { status, stdout } = spawnSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], {
      encoding: 'utf8',
    });
    return status === 0 ? stdout.trim() : undefined;
  }
}

/** Changes only the PID; the file is complete at any moment. */
function disown(path: string, lines: readonly string[]): void {
  const { uid, gid, mode } = statSync(path);
  const changed = `${path}.changed`;
  writeFileSync(changed, [String(NOBODYS_PID), ...lines.slice(1)].join('\n'), { mode });
  chownSync(changed, uid, gid);
  renameSync(changed, path);
}
