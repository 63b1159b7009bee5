import { randomUUID } from 'node:crypto';
import { type KeysProcess, call } from '#libs/testing';

/**
 * How often bcrypt has compared a secret in a keys process since it was started, as its log says at level `debug`.
 * A line that it writes now comes after all that it has written before, so none is missed.
 */
export async function comparisonsIn({ service }: KeysProcess): Promise<number> {
  const marker = randomUUID();
  await call(`${service.url}/healthz`, undefined, { headers: { 'x-request-id': marker } });
  await service.process.says(marker);
  return service.process.stdout.split('compared a secret with bcrypt').length - 1;
}
