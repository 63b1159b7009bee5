import { type EventSourceMessage, createParser } from 'eventsource-parser';
import { z } from 'zod';
import { type ApiResponse, readText } from './api-response.js';
import { ToolFailure } from './tool-failure.js';

const delta = z.object({ text: z.string() });

/**
 * The reply of an agent, which arrives as events: a `delta` for each piece, and `done` with the whole. Events with other names
 * are ignored: newer versions may send some. Throws {@link ToolFailure} if it ends before `done`.
 */
export async function readChatEvents(
  response: ApiResponse,
  onProgress: ((piece: string) => Promise<void>) | undefined,
): Promise<unknown> {
  const events: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => events.push(event) });
  for await (const text of readText(response)) {
    parser.feed(text);
    for (const { event, data } of events.splice(0)) {
      if (event === 'done') return JSON.parse(data);
      if (event === 'delta') await onProgress?.(delta.parse(JSON.parse(data)).text);
    }
  }
  throw new ToolFailure('The reply ended early. Continue the conversation to hear the rest.');
}
