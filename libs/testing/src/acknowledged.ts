/** How often a change is made again until it is confirmed. */
const TRIES = 20;

/**
 * Makes a change until every gateway has confirmed it, and answers what the last call did. A busy machine may keep a
 * gateway from confirming in time; a log that does not work would never let any confirm.
 */
export async function acknowledged<Done>(change: () => Promise<Done>): Promise<Done> {
  let done = await change();
  for (let tries = 1; howOf(done) !== 'acknowledged' && tries < TRIES; tries++) done = await change();
  return done;
}

function howOf(done: unknown): unknown {
  return typeof done === 'object' && done !== null && 'how' in done ? done.how : undefined;
}
