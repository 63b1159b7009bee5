import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * The secret in the file at `path`, generated from 256 random bits if there is none yet. `mode`: the file's permissions.
 * Default: only its owner can read it.
 *
 * The file is written completely or not at all, so that a process killed meanwhile leaves no half secret behind.
 */
export function generatedSecret(path: string, mode = 0o600): string {
  const kept = existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
  if (kept !== '') return kept;
  const secret = randomBytes(32).toString('hex');
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, secret + '\n', { mode });
  renameSync(unfinished, path);
  return secret;
}
