import { DOORS } from './doors.js';
import { processorMs } from './processor-time.js';

/*
 * Reads a hundred thousand texts at all doors, in this process and as it runs in production: jest's own contexts make
 * much of it several times slower. Writes a line of JSON when it begins with a door, since it may never come to the end,
 * and one at the end.
 */

for (const { name, limitMs, times, check } of DOORS) {
  process.stdout.write(`${JSON.stringify({ begins: name })}\n`);
  let worstMs = 0;
  const failure = await check(async (read) => {
    const ms = await processorMs(limitMs, read);
    worstMs = Math.max(worstMs, ms);
    if (ms > limitMs) throw new Error(`it takes ${ms} ms of processor time`);
  });
  process.stdout.write(`${JSON.stringify({ name, times, worstMs, failure })}\n`);
}
