import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';

/** How often requests are sent, in milliseconds: in small bursts, so that the flood leaves the core to who measures. */
const EVERY_MS = 5;

export interface Flood {
  readonly urls: readonly string[];
  readonly tokens: readonly string[];
  /** Requests a second to each address. */
  readonly rate: number;
}

/** Sends requests at a rate, whatever becomes of them, until it is told to end. */
export function startFlood({ urls, tokens, rate }: Flood): { end(): Promise<void> } {
  const pools = urls.map((url) => ({
    path: new URL(url).pathname,
    pool: new Pool(new URL(url).origin, { connections: 64, pipelining: 1 }),
  }));
  const ending = new AbortController();
  const send = async (number: number): Promise<void> => {
    const authorization = `Bearer ${tokens[number % tokens.length] ?? ''}`;
    for (const { path, pool } of pools) {
      const { body } = await pool.request({ method: 'GET', path, headers: { authorization } });
      await body.dump();
    }
  };
  const flooding = (async () => {
    const startedAt = performance.now();
    for (let sent = 0; !ending.signal.aborted;) {
      const due = ((performance.now() - startedAt) * rate) / 1000;
      // What fails is the flood's own affair.
      for (; sent < due; sent++) void send(sent).catch(() => undefined);
      await sleep(EVERY_MS);
    }
  })();
  return {
    end: async () => {
      ending.abort();
      await flooding;
      await Promise.all(pools.map(({ pool }) => pool.destroy()));
    },
  };
}
