import { setTimeout as sleep } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { Pool } from 'undici';
import { z } from 'zod';

/*
 * Calls the gateways and the dashboard as clients do: a few at a time, over kept connections, without retries. Ends on
 * SIGTERM, or after a while; prints how many calls there were, and what went wrong with those that failed.
 */

// From standard input and not arguments, which ps shows.
const [gatewayUrl = '', dashboardUrl = '', cookie = '', ...keys] = (await text(process.stdin))
  .trim()
  .split('\n');

/** When it ends without a signal, in milliseconds from now. */
const LONGEST_MS = 240_000;

/** How long each caller waits between two rounds, in milliseconds. */
const PAUSE_MS = 200;
const desktopList = z.object({ desktops: z.array(z.object({ id: z.string(), status: z.string() })) });

const stopped = new AbortController();
process.on('SIGTERM', () => stopped.abort());
const lateAt = performance.now() + LONGEST_MS;
const failures: string[] = [];
let calls = 0;
let slowestMs = 0;

const gateway = new Pool(gatewayUrl, { connections: 16 });
const dashboard = new Pool(dashboardUrl, { connections: 2 });

await Promise.all([
  ...keys.map((key) => repeat(() => useKey(key))),
  repeat(() => call(dashboard, 'GET', '/api/keys', { cookie }, 200)),
]);
await Promise.all([gateway.close(), dashboard.close()]);
process.stdout.write(
  `${calls} calls of clients and of the page, ${failures.length} failed; the slowest took ${Math.round(slowestMs)} ms.\n`,
);
for (const failure of failures.slice(0, 20)) process.stdout.write(failure + '\n');

async function repeat(work: () => Promise<unknown>): Promise<void> {
  while (!stopped.signal.aborted && performance.now() < lateAt) {
    await work();
    await sleep(PAUSE_MS);
  }
}

/** Requests that a balancer may retry and others that it may not, short responses and streams. */
async function useKey(key: string): Promise<void> {
  const authorization = `Bearer ${key}`;
  await call(gateway, 'GET', '/v1/me', { authorization }, 200);
  const list = await call(gateway, 'GET', '/v1/desktops', { authorization }, 200);
  if (list === undefined) return;
  const { desktops } = desktopList.parse(JSON.parse(list));
  const path = `/v1/desktops/${desktops.find(({ status }) => status === 'running')?.id}`;
  await call(gateway, 'POST', `${path}/click`, { authorization }, 200, { x: 1, y: 1 });
  const chat = await call(gateway, 'POST', `${path}/chat`, { authorization }, 200, {
    message: 'Hello',
    stream: true,
  });
  if (chat !== undefined && !chat.includes('event: done')) failures.push('a stream ended early');
}

async function call(
  pool: Pool,
  method: 'GET' | 'POST',
  path: string,
  headers: Record<string, string>,
  expected: number,
  body?: object,
): Promise<string | undefined> {
  calls += 1;
  const startedAt = performance.now();
  const what = `${method} ${path.replace(/dsk_\w+/, ':id')}`;
  try {
    const response = await pool.request({
      method,
      path,
      headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const answer = await response.body.text();
    if (response.statusCode === expected) return answer;
    failures.push(`${what}: ${response.statusCode} ${answer.slice(0, 200)}`);
  } catch (err) {
    failures.push(`${what}: ${String(err)}`);
  } finally {
    slowestMs = Math.max(slowestMs, performance.now() - startedAt);
  }
  return undefined;
}
