import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { Body, Controller, Header, HttpCode, Param, Post, StreamableFile } from '@nestjs/common';
import { Identity, type SignedIdentity } from '#libs/signed-identity/nest';
import { Clock } from '../clock.js';
import { Worlds } from '../worlds.js';
import { agentSays } from './agent.js';
import { ChatBody } from './requests.js';
import { readyDesktop } from './ready-desktop.js';

interface ChatAnswer {
  /** Send it with the next message; this agent ignores it. */
  readonly conversationId: string;
  readonly reply: string;
}

@Controller('v1/desktops/:id/chat')
export class ChatController {
  constructor(
    private readonly worlds: Worlds,
    private readonly clock: Clock,
  ) {}

  /** Responds once with the whole reply, or streams it (text/event-stream of the HTML standard), as the body says. */
  @Post()
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  async chat(
    @Identity() who: SignedIdentity,
    @Param('id') id: string,
    @Body() { message, conversationId = randomUUID(), stream }: ChatBody,
  ): Promise<ChatAnswer | StreamableFile> {
    const { name } = readyDesktop(this.worlds.of(who), id, this.clock.now());
    const words = agentSays(name, message, this.clock);
    if (stream)
      return new StreamableFile(Readable.from(eventsOf(words, conversationId)), {
        type: 'text/event-stream',
      });
    let reply = '';
    for await (const word of words) reply += word;
    return { conversationId, reply };
  }
}

/** A `delta` for each word, and the whole reply at the end. Ends early if the client has disconnected. */
async function* eventsOf(words: AsyncIterable<string>, conversationId: string): AsyncGenerator<string> {
  let reply = '';
  for await (const text of words) {
    reply += text;
    yield event('delta', { text });
  }
  yield event('done', { conversationId, reply });
}

function event(name: string, data: ChatAnswer | { readonly text: string }): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
