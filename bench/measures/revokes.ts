import { setTimeout as sleep } from 'node:timers/promises';
import { Percentiles, Stack, VERSION_BEFORE, compileVersion } from '#libs/testing';
import { onAllCores } from '../machine.js';
import { median } from '../statistics.js';

const TIMES = 300;
/** Revokes before those that count. */
const WARM_UP = 10;
/** A keys service that has just started knows no gateway yet: a lease and its margin, and some more. */
const SETTLE_MS = 4000;

/** Milliseconds. */
interface Spread {
  readonly p50: number;
  readonly p99: number;
}

/** How long a revoke takes from its commit, with three gateways and nothing wrong, beside the version before. */
export interface RevokesMeasure {
  /** How many of each. */
  readonly times: number;
  readonly ofThis: Spread;
  readonly ofTheOneBefore: Spread;
  /** What this version takes more than the other, in the median of all pairs; milliseconds. */
  readonly difference: number;
}

/** In turn, so that whatever else the machine does meets both alike. */
export function measureRevokes(): Promise<RevokesMeasure> {
  return onAllCores(async () => {
    const start = (dist?: string): Promise<Stack> =>
      Stack.start({ gateways: 3, keys: 2, direct: true, ...(dist !== undefined && { dist }) });
    const before = await start(compileVersion(VERSION_BEFORE));
    const now = await start();
    await sleep(SETTLE_MS);
    const waited: { readonly now: number; readonly before: number }[] = [];
    for (let i = -WARM_UP; i < TIMES; i++) {
      // Each goes first as often as the other.
      const first = i % 2 === 0 ? await revoke(now) : undefined;
      const ofBefore = await revoke(before);
      const ofNow = first ?? (await revoke(now));
      if (i >= 0) waited.push({ now: ofNow, before: ofBefore });
    }
    await Promise.all([before.stop(), now.stop()]);
    return {
      times: TIMES,
      ofThis: spread(waited.map(({ now }) => now)),
      ofTheOneBefore: spread(waited.map(({ before }) => before)),
      difference: median(waited.map(({ now, before }) => now - before)),
    };
  });
}

/** Revokes a key that all gateways have cached. Answers milliseconds from its commit until all of them have confirmed. */
async function revoke(stack: Stack): Promise<number> {
  const { key, token } = await stack.issue();
  for (const { url } of stack.gateways) {
    const { status, body } = await fetch(`${url}/v1/me`, { headers: { authorization: `Bearer ${token}` } });
    await body?.cancel();
    if (status !== 200) throw new Error(`a new key is answered with ${status}`);
  }
  const { how, gateways, waitedMs } = await stack.manage.revoke(key.id);
  // A gateway that missed its moment, on a machine that is busy: the bound is measured elsewhere.
  return how === 'acknowledged' && gateways === 3 ? waitedMs : revoke(stack);
}

function spread(values: readonly number[]): Spread {
  const percentiles = new Percentiles(values);
  return { p50: percentiles.at(0.5), p99: percentiles.at(0.99) };
}
