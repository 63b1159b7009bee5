import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ApiResponse } from './api-response.js';
import { readChatEvents } from './chat-events.js';

const DONE = { conversationId: 'c', reply: 'Grüße 🙂' };
const STREAM = Buffer.from(
  `: hello\n\nevent: delta\ndata: {"text":"Grüße "}\n\nevent: later\ndata: [\n\nevent: delta\ndata: {"text":"🙂"}\n\nevent: done\ndata: ${JSON.stringify(DONE)}\n\n`,
);

/** A response whose body arrives in these chunks. */
function responseOf(chunks: readonly Buffer[]): ApiResponse {
  async function* body(): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) yield await Promise.resolve(chunk);
  }
  return { status: 200, headers: { get: () => null }, body: body() };
}

describe('the reply of an agent', () => {
  it('is the same wherever the network cuts it, and ignores events of newer versions', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(STREAM.length), { maxLength: 20 }), async (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), STREAM.length];
        const pieces: string[] = [];
        const chunks = at.slice(1).map((end, i) => STREAM.subarray(at[i], end));
        const reply = await readChatEvents(responseOf(chunks), (piece) => {
          pieces.push(piece);
          return Promise.resolve();
        });
        expect(reply).toEqual(DONE);
        expect(pieces).toEqual(['Grüße ', '🙂']);
      }),
    );
  });

  it('that ends early is a failure', async () => {
    const cut = STREAM.subarray(0, STREAM.indexOf('event: done'));
    await expect(readChatEvents(responseOf([cut]), undefined)).rejects.toThrow('ended early');
  });
});
