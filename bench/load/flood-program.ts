import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { z } from 'zod';
import { bearerHeaders } from './bearer-headers.js';

/*
 * A flood in its own process: sends requests at a rate to each URL, whatever the results, until it is stopped; then it
 * prints how many were answered.
 */

/** How often requests are sent, in milliseconds: in small bursts, so that the flood leaves the core to the measurement. */
const EVERY_MS = 5;

const options = z.object({ urls: z.array(z.string()), tokens: z.string(), rate: z.number() });
const { urls, tokens, rate } = options.parse(JSON.parse(process.argv[2] ?? ''));
const headers = bearerHeaders(tokens);
const targets = urls.map((url) => ({
  path: new URL(url).pathname,
  pool: new Pool(new URL(url).origin, { connections: 64, pipelining: 1 }),
}));
const ending = new AbortController();
process.once('SIGTERM', () => {
  ending.abort();
});
let answered = 0;

async function send(number: number): Promise<void> {
  const request = { method: 'GET', headers: headers[number % headers.length] ?? {} } as const;
  await Promise.all(
    targets.map(async ({ path, pool }) => {
      const { body } = await pool.request({ ...request, path });
      await body.dump();
      answered++;
    }),
  );
}

const startedAt = performance.now();
for (let sent = 0; !ending.signal.aborted;) {
  const due = ((performance.now() - startedAt) * rate) / 1000;
  // Failures do not matter to the flood.
  for (; sent < due; sent++) void send(sent).catch(() => undefined);
  await sleep(EVERY_MS);
}
process.stdout.write(`answered ${Math.round((answered * 1000) / (performance.now() - startedAt))}\n`, () =>
  process.exit(),
);
