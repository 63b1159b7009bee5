import { setTimeout as sleep, setImmediate as nextTurn } from 'node:timers/promises';
import { Pool } from 'undici';
import { bearerHeaders } from './bearer-headers.js';

export interface OpenLoop {
  readonly url: string;
  /** The path of a file with one bearer token per line, which are sent in turn. */
  readonly tokens: string;
  /** Requests per second, whatever the server does. */
  readonly rate: number;
  readonly seconds: number;
  /** How long to send at the same rate before the first request that counts: connections open, and code is compiled. */
  readonly warmupSeconds?: number;
  /**
   * Whether to sleep between requests, which makes it late by up to a millisecond but uses little of its core. Otherwise it
   * spins, at a low priority: punctual, as long as nothing else needs the core.
   */
  readonly isSparing?: boolean;
}

/** A request: when it was due, in milliseconds since the first that counts, and how long after that it was answered. */
export interface Arrival {
  readonly dueMs: number;
  /** How much of that passed before it was sent: how late the generator was, which is not the server's fault. */
  readonly lateMs: number;
  /** Infinite for one that failed, or was not answered with 2xx. */
  readonly latencyMs: number;
}

/**
 * Sends requests at a fixed rate, and measures how long each took from when it was due. A generator that waits for answers
 * before it sends again, or measures from when it actually sent, omits just those requests that would have met a server at
 * its worst (coordinated omission).
 */
export async function loadOpen({
  url,
  tokens,
  rate,
  seconds,
  warmupSeconds = 0,
  isSparing = false,
}: OpenLoop): Promise<Arrival[]> {
  const { origin, pathname } = new URL(url);
  const headers = bearerHeaders(tokens);
  const pool = new Pool(origin, { connections: 256, pipelining: 1, headersTimeout: 10_000 });
  const startedAt = performance.now() + warmupSeconds * 1000;
  const total = rate * (warmupSeconds + seconds);
  const arrivals: Promise<Arrival>[] = [];

  const send = async (number: number): Promise<Arrival> => {
    const dueMs = (number * 1000) / rate - warmupSeconds * 1000;
    const lateMs = performance.now() - startedAt - dueMs;
    const isAnswered = await pool
      .request({ method: 'GET', path: pathname, headers: headers[number % headers.length] ?? {} })
      .then(async ({ statusCode, body }) => {
        await body.dump();
        return statusCode >= 200 && statusCode < 300;
      })
      .catch(() => false);
    return { dueMs, lateMs, latencyMs: isAnswered ? performance.now() - startedAt - dueMs : Infinity };
  };
  while (arrivals.length < total) {
    const passedMs = performance.now() - startedAt + warmupSeconds * 1000;
    const due = Math.min(total, Math.floor((passedMs * rate) / 1000) + 1);
    while (arrivals.length < due) arrivals.push(send(arrivals.length));
    await (isSparing ? sleep(1) : nextTurn());
  }
  const answered = await Promise.all(arrivals);
  await pool.destroy();
  return answered.slice(rate * warmupSeconds);
}

/** The latency, or lateness, below which the share `p` of the requests stays. */
export function percentile(
  arrivals: readonly Arrival[],
  p: number,
  of: 'latencyMs' | 'lateMs' = 'latencyMs',
): number {
  const sorted = arrivals.map((arrival) => arrival[of]).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(p * sorted.length) - 1)] ?? Infinity;
}

/** The requests by when they were due, in consecutive windows of `windowMs` milliseconds. */
export function windowsOf(arrivals: readonly Arrival[], windowMs: number): Arrival[][] {
  const windows: Arrival[][] = [];
  for (const arrival of arrivals) (windows[Math.floor(arrival.dueMs / windowMs)] ??= []).push(arrival);
  return windows;
}
