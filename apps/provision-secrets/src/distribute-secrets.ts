import { chown, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generatedSecret } from '#libs/settings';
import type { Consumer } from './secrets-settings.js';

/**
 * Gives a service its own copies of its secrets, in the folder of its name, for its user alone. The originals are
 * made where there are none yet, and stay in the folder `kept`, which no service sees.
 */
export async function distributeSecrets(folder: string, { name, uid, secrets }: Consumer): Promise<void> {
  for (const secret of secrets) {
    const text = generatedSecret(join(folder, 'kept', secret));
    await replace(join(folder, name, secret), text, uid);
  }
}

/** Replaces a file as a whole: a service that starts meanwhile reads what was there or what comes, never half of it. */
async function replace(path: string, text: string, uid: number): Promise<void> {
  const unfinished = `${path}.unfinished`;
  // A run that was killed may have left one, which belongs to the service by now and cannot be opened any more.
  await rm(unfinished, { force: true });
  await writeFile(unfinished, text + '\n', { mode: 0o400, flag: 'wx' });
  await chown(unfinished, uid, -1);
  await rename(unfinished, path);
}
