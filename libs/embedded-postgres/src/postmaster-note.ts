import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What PostgreSQL notes of itself in its cluster, as far as it concerns us. */
export interface PostmasterNote {
  readonly pid: number;
  readonly port: number;
}

/** No process has it: PostgreSQL takes a note with it for one of a server that is gone. */
const NOBODYS_PID = 2_147_483_647;

/**
 * What the server of a cluster has noted of itself; undefined when none runs.
 *
 * A server that was killed leaves its note behind, and its number is given to others, in a container soon and to the same
 * ones. PostgreSQL only asks whether there is a process of that number and user, and would never start again. So a note
 * that names something else is made to name nobody. It is not deleted: by the rest of it PostgreSQL finds out whether the
 * killed server has left others behind that still write.
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

/** Whether a process is PostgreSQL, and works on this cluster as far as its command line says; true when nothing can be seen. */
function isServerOf(cluster: string, pid: number): boolean {
  const command = commandLineOf(pid);
  if (command === undefined) return true;
  if (!/(^|\/)(postgres|postmaster)( |$)/.test(command)) return false;
  return !/ -D ?\S/.test(command) || `${command} `.includes(`-D ${cluster} `);
}

/** Its words with blanks between them. */
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

/** Changes the number and nothing else; the file is there whole at any moment. */
function disown(path: string, lines: readonly string[]): void {
  const { uid, gid, mode } = statSync(path);
  const changed = `${path}.changed`;
  writeFileSync(changed, [String(NOBODYS_PID), ...lines.slice(1)].join('\n'), { mode });
  chownSync(changed, uid, gid);
  renameSync(changed, path);
}
