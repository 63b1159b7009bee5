import { ApiProperty, getSchemaPath } from '@nestjs/swagger';

/** The reply of the agent on a desktop, once it is complete. */
export class ChatAnswer {
  @ApiProperty({ description: 'Send it with the next message to continue the conversation.' })
  conversationId!: string;

  @ApiProperty()
  reply!: string;
}

const EVENTS =
  'With `stream`: an event `delta` with `{"text"}` for each piece of the reply, then one event `done` with the same object as without `stream`. A stream that ends without `done` is incomplete.';

/** One object, or events while the agent replies, as `stream` in the body says. */
export const CHAT_CONTENT = {
  content: {
    'application/json': { schema: { $ref: getSchemaPath(ChatAnswer) } },
    'text/event-stream': { schema: { type: 'string', description: EVENTS } },
  },
} as const;
