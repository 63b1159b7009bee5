import { setTimeout as sleep } from 'node:timers/promises';

/** A busy machine takes long. */
const WAIT_MS = 300_000;

/** So rarely that a test leaves the processor to what it waits for. */
const EVERY_MS = 20;

/** Waits until `isTrue` returns true. Throws if it has not within five minutes. */
export async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`it has not become true: ${String(isTrue)}`);
    await sleep(EVERY_MS);
  }
}
