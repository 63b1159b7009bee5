import { chown, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generatedSecret } from '#libs/settings';
import type { Consumer } from './secrets-settings.js';

/**
 * Copies a service's secrets into the folder of its name, readable by its user only. The originals are created if
 * missing, and stay in the folder `kept`, which no service can see.
 */
export async function distributeSecrets(folder: string, { name, uid, secrets }: Consumer): Promise<void> {
  for (const secret of secrets) {
    const text = generatedSecret(join(folder, 'kept', secret));
    await replace(join(folder, name, secret), text, uid);
  }
}

/** Replaces a file in one step: a service that starts meanwhile reads either the old or the new one, never half of it. */
async function replace(path: string, text: string, uid: number): Promise<void> {
  const unfinished = `${path}.unfinished`;
  // A killed run may have left one, which belongs to the service by now and can no longer be opened.
  await rm(unfinished, { force: true });
  await writeFile(unfinished, text + '\n', { mode: 0o400, flag: 'wx' });
  await chown(unfinished, uid, -1);
  await rename(unfinished, path);
}
