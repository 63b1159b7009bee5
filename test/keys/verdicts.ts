import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { findKeyId } from '#libs/key-format';
import { type KeysProcess, call } from '#libs/testing';

/**
 * How often a keys process has run bcrypt comparisons since it was started, by its log at level `debug`.
 * A new line comes after all earlier ones, so none is missed.
 */
export async function comparisonsIn({ service }: KeysProcess): Promise<number> {
  const marker = randomUUID();
  await call(`${service.url}/healthz`, undefined, { headers: { 'x-request-id': marker } });
  await service.process.waitForOutput(marker);
  return service.process.stdout.split('compared a secret with bcrypt').length - 1;
}

/** The verdict that Redis has about a key. */
export function verdictOf(redis: Redis, token: string): Promise<string | null> {
  return redis.get(`verdict:${findKeyId(token) ?? ''}`);
}

/** Waits until Redis has one: it is stored while the response of an issue is sent. */
export async function untilKept(redis: Redis, token: string): Promise<void> {
  const deadline = Date.now() + 300_000;
  while ((await verdictOf(redis, token)) === null) {
    if (Date.now() > deadline) throw new Error('the verdict was not kept');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
