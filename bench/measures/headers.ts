import { Agent, request } from 'node:http';
import { RandomHeaders } from '#libs/testing';
import { CaseServer } from '../case-server.js';
import { SERVER_CORE } from '../machine.js';
import { median } from '../statistics.js';
import type { World } from '../world.js';

/** How many headers are drawn, the same in each run. */
const HEADERS = 100_000;

/** A header that took longer is sent again when all others have been: what is slow stays slow, while others on the machine stop us now and then. */
export const LONG_MS = 0.25;

/** How many times a header is sent at most. */
export const TRIES = 20;

/** What a made-up Authorization header may cost at most, whatever is in it: from before a request is sent until its answer is there, in milliseconds. */
export interface HeadersMeasure {
  readonly headers: number;
  readonly medianMs: number;
  /** Of the header that took longest, its best time. */
  readonly slowestMs: number;
  /** How many characters that one has. */
  readonly slowestLength: number;
}

/** Sends headers of any length and bytes, one at a time over one connection. */
export async function measureHeaders(world: World): Promise<HeadersMeasure> {
  const { process, url } = await CaseServer.start('guarded', world.env, SERVER_CORE);
  const [token = ''] = await world.knownKeys();
  const caller = new Caller(`${url}/answer`);
  const drawn = new RandomHeaders(1);
  const warmup = new RandomHeaders(2);
  for (let sent = 0; sent < HEADERS / 10; sent++) await caller.msUntilAnswered(warmup.next(token));
  const tried = Array.from({ length: HEADERS }, () => ({ header: drawn.next(token), bestMs: Infinity }));
  for (let tries = 0; tries < TRIES; tries++) {
    for (const one of tried.filter(({ bestMs }) => bestMs >= LONG_MS))
      one.bestMs = Math.min(one.bestMs, await caller.msUntilAnswered(one.header));
  }
  const slowest = tried.reduce((slowest, one) => (one.bestMs > slowest.bestMs ? one : slowest));
  caller.close();
  await process.stop();
  return {
    headers: HEADERS,
    medianMs: median(tried.map(({ bestMs }) => bestMs)),
    slowestMs: slowest.bestMs,
    slowestLength: slowest.header.length,
  };
}

class Caller {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(private readonly url: string) {}

  /** Rejects where the answer is that something is broken. */
  msUntilAnswered(authorization: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const sentAt = performance.now();
      request(this.url, { agent: this.#agent, headers: { authorization } }, (res) => {
        const { statusCode = 0 } = res;
        res.resume().on('end', () => {
          if (statusCode < 500) resolve(performance.now() - sentAt);
          else reject(new Error(`a header was answered ${statusCode}`));
        });
      })
        .on('error', reject)
        .end();
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
