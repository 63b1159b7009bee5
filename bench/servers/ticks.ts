import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/*
 * Prints how long a process.nextTick takes, in nanoseconds, in a process that has collected garbage a few times while
 * idle, as every long-running one has. With the argument "kept", libs/event-loop is loaded first.
 */
const A_TURN = 20_000;

if (process.argv[2] === 'kept') await import('#libs/event-loop');
setFlagsFromString('--expose-gc');
for (let i = 0; i < 10; i++) {
  for (let ticks = 0; ticks < 10; ticks++) process.nextTick(() => undefined);
  await turn();
  runInNewContext('gc()');
}
let least = Infinity;
for (let i = 0; i < 50; i++) {
  const began = process.hrtime.bigint();
  for (let ticks = 0; ticks < A_TURN; ticks++) process.nextTick(() => undefined);
  least = Math.min(least, Number(process.hrtime.bigint() - began) / A_TURN);
  await turn();
}
process.stdout.write(`${least}\n`);
