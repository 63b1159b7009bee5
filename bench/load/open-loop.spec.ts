import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runFolder, uniqueName } from '#libs/testing';
import { loadOpen, percentile } from './open-loop.js';

const STALL_MS = 600;

describe('the open loop', () => {
  let seen: (string | undefined)[];
  let stallsAt: number;
  const server = createServer((req, res) => {
    seen.push(req.headers.authorization);
    // One request makes all others wait, as a collection of garbage or a synchronous hash does.
    const until = performance.now() + (seen.length === stallsAt ? STALL_MS : 0);
    while (performance.now() < until);
    res.statusCode = req.url === '/refused' ? 401 : 200;
    res.end('{}');
  });
  let url: string;
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  });
  afterAll(() => void server.close());

  const tokens = join(runFolder('tokens'), uniqueName('tokens'));
  writeFileSync(tokens, 'one\ntwo\n');

  it('counts a stall for every request that was due in it', async () => {
    [seen, stallsAt] = [[], 50];
    const arrivals = await loadOpen({ url: `${url}/answer`, tokens, rate: 200, seconds: 2 });
    expect(arrivals).toHaveLength(400);
    // 120 of the 400 were due in the stall, and could not even be sent before its end; a closed loop would have seen one.
    const stalled = arrivals.filter(({ lateMs }) => lateMs > STALL_MS / 4);
    expect(stalled.length).toBeGreaterThan(60);
    for (const { lateMs, latencyMs } of stalled) expect(latencyMs).toBeGreaterThanOrEqual(lateMs);
    expect(percentile(arrivals, 0.99)).toBeGreaterThan(STALL_MS / 2);
  });

  it('does not count warm-up requests', async () => {
    [seen, stallsAt] = [[], 0];
    const arrivals = await loadOpen({
      url: `${url}/answer`,
      tokens,
      rate: 100,
      seconds: 1,
      warmupSeconds: 1,
      isSparing: true,
    });
    expect(seen).toHaveLength(200);
    expect(arrivals).toHaveLength(100);
    expect(arrivals[0]?.dueMs).toBe(0);
  });

  it('sends the tokens in turn, and counts a refusal as a failure', async () => {
    [seen, stallsAt] = [[], 0];
    const arrivals = await loadOpen({ url: `${url}/refused`, tokens, rate: 100, seconds: 1 });
    expect(seen.slice(0, 3)).toEqual(['Bearer one', 'Bearer two', 'Bearer one']);
    expect(arrivals.every(({ latencyMs }) => latencyMs === Infinity)).toBe(true);
  });
});
