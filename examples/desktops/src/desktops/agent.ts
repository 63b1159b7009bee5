import type { Clock } from '../clock.js';

/** How fast the agent speaks, in milliseconds a word. */
const WORD_MS = 40;

/** What the agent on a desktop says, word by word. Nobody thinks here: it is always the same to the same message. */
export async function* agentSays(desktop: string, message: string, clock: Clock): AsyncGenerator<string> {
  const answer = `I am the example's agent on ${desktop}, and I only repeat what you said: ${message}`;
  for (const word of answer.split(/(?<=\s)/)) {
    await clock.wait(WORD_MS);
    yield word;
  }
}
