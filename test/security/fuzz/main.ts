import { READERS } from './readers.js';
import { processorMs } from './processor-time.js';

/*
 * Gives a hundred thousand texts to all readers, in this process and as in production: in jest's contexts, much of it
 * would be several times slower. Writes a line of JSON before each reader, since it may never end, and one after it.
 */

for (const { name, limitMs, times, check } of READERS) {
  process.stdout.write(`${JSON.stringify({ begins: name })}\n`);
  let worstMs = 0;
  const failure = await check(async (read) => {
    const ms = await processorMs(limitMs, read);
    worstMs = Math.max(worstMs, ms);
    if (ms > limitMs) throw new Error(`it takes ${ms} ms of processor time`);
  });
  process.stdout.write(`${JSON.stringify({ name, times, worstMs, failure })}\n`);
}
