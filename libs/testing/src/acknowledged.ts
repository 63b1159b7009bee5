/** How often a change is repeated until it is acknowledged. */
const TRIES = 20;

/**
 * Repeats a change until every gateway has acknowledged it, and returns the result of the last call. On a busy machine, a
 * gateway may not acknowledge in time; with a log that does not work, none ever would.
 */
export async function acknowledged<Done>(change: () => Promise<Done>): Promise<Done> {
  let done = await change();
  for (let tries = 1; howOf(done) !== 'acknowledged' && tries < TRIES; tries++) done = await change();
  return done;
}

function howOf(done: unknown): unknown {
  return typeof done === 'object' && done !== null && 'how' in done ? done.how : undefined;
}
