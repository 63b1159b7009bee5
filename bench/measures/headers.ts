import { Agent, request } from 'node:http';
import { RandomHeaders } from '#libs/testing';
import { CaseServer } from '../case-server.js';
import { SERVER_CORE } from '../machine.js';
import { median } from '../statistics.js';
import type { World } from '../world.js';

/** How many headers are sent, the same in each run. */
const HEADERS = 100_000;

/** A header that took longer is sent again after all others: a slow header stays slow, a busy machine does not. */
export const LONG_MS = 0.25;

/** The maximum number of times a header is sent. */
export const TRIES = 20;

/** How long requests with random Authorization headers take to be answered, in milliseconds. */
export interface HeadersMeasure {
  readonly headers: number;
  readonly medianMs: number;
  /** The best time of the slowest header. */
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

  /** Rejects if the response is a server error. */
  msUntilAnswered(authorization: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const sentAt = performance.now();
      request(this.url, { agent: this.#agent, headers: { authorization } }, (res) => {
        const { statusCode = 0 } = res;
        res.resume().on('end', () => {
          if (statusCode < 500) resolve(performance.now() - sentAt);
          else reject(new Error(`a header got status ${statusCode}`));
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
