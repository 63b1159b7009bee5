import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * The secret in the file at `path`, made of 256 random bits when there is none yet. `mode` says who may read the
 * file. Default: only its owner.
 *
 * The file appears whole or not at all, so that a process killed in the middle leaves no half secret behind.
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
