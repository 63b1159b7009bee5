import { ApiProperty, getSchemaPath } from '@nestjs/swagger';

/** What the agent on a desktop has said, when it is done. */
export class ChatAnswer {
  @ApiProperty({ description: 'What to send with the next message, to go on.' })
  conversationId!: string;

  @ApiProperty()
  reply!: string;
}

const AS_EVENTS =
  'With `stream`: an event `delta` with `{"text"}` for each piece of the reply, then one `done` with what is otherwise answered whole. A stream that ends without `done` was broken off.';

/** Whole, or as events while the agent speaks: as the body has it in `stream`. */
export const WHOLE_OR_AS_EVENTS = {
  content: {
    'application/json': { schema: { $ref: getSchemaPath(ChatAnswer) } },
    'text/event-stream': { schema: { type: 'string', description: AS_EVENTS } },
  },
} as const;
