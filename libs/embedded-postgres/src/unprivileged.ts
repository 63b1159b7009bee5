import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { chownSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** "nobody" on every Unix we know. PostgreSQL refuses to run as root, and does not need its user to have a name. */
const NOBODY = 65_534;

const isRoot = process.getuid?.() === 0;

/** Gives a file or folder to the user that {@link spawnUnprivileged} runs programs as. */
export function giveToUnprivileged(path: string): void {
  if (isRoot) chownSync(path, NOBODY, NOBODY);
}

/**
 * Starts a program as the current user, or as nobody if that is root. If nobody may not enter the folders above `paths` (a
 * checkout below /root), the program keeps the one capability to read them anyway, and no other.
 */
export function spawnUnprivileged(
  program: string,
  args: readonly string[],
  paths: readonly string[],
  options: SpawnOptions,
): ChildProcess {
  if (!isRoot) return spawn(program, args, options);
  if (paths.every(isOpenToAll)) return spawn(program, args, { ...options, uid: NOBODY, gid: NOBODY });
  const keep = '+dac_read_search';
  const as = [
    `--reuid=${NOBODY}`,
    `--regid=${NOBODY}`,
    '--clear-groups',
    // Otherwise access(2), by which initdb looks for its programs, would ignore the capability.
    '--securebits=+no_setuid_fixup',
    `--inh-caps=${keep}`,
    `--ambient-caps=${keep}`,
  ];
  return spawn('setpriv', [...as, '--', program, ...args], options);
}

/** Whether everyone may enter all folders above `path`. */
function isOpenToAll(path: string): boolean {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}
