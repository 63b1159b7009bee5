import type { Clock } from '../clock.js';

/** How fast the agent replies, in milliseconds per word. */
const WORD_MS = 40;

/** The reply of a desktop's agent, word by word. There is no real agent: the same message always gets the same reply. */
export async function* agentSays(desktop: string, message: string, clock: Clock): AsyncGenerator<string> {
  const answer = `I am the example's agent on ${desktop}, and I only repeat what you said: ${message}`;
  for (const word of answer.split(/(?<=\s)/)) {
    await clock.wait(WORD_MS);
    yield word;
  }
}
