import type { CommandContext } from './command-context.js';
import { usageError } from './pasted-keys.js';

/** The largest text that is read, in bytes. */
const MAX_TEXT = 10_000_000;

/** The text of the arguments, or else standard input. */
export async function readText(words: readonly string[], { input, output }: CommandContext): Promise<string> {
  if (words.length > 0) return words.join(' ');
  const stream = input();
  if (stream.isTTY) output.say('Paste the text. End it with Enter and Ctrl+D.');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > MAX_TEXT)
      throw usageError(
        'The text is larger than 10 MB. Split it, or search it first: grep _ <file> | keys find',
      );
    chunks.push(chunk);
  }
  // Keys are ASCII. Every other byte only has to end them.
  return Buffer.concat(chunks).toString('latin1');
}
