import { Body, Controller, Param, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Caller, Capabilities, type Principal } from '#libs/key-guard';
import { Forwarder } from '../forwarding/forwarder.js';
import { Does } from '../openapi/described-route.js';
import { ChatBody, DesktopParams } from './requests.js';

/** The agent on a desktop. */
@Controller('v1/desktops/:id/chat')
export class ChatController {
  constructor(private readonly forwarder: Forwarder) {}

  @Post()
  @Capabilities('desktop:chat')
  @Does('Talk to the agent', {
    content: {
      'application/json': { schema: { type: 'object' } },
      'text/event-stream': { schema: { type: 'string' } },
    },
  })
  chat(
    @Caller() caller: Principal,
    @Res() res: FastifyReply,
    @Param() { id }: DesktopParams,
    @Body() body: ChatBody,
  ): Promise<void> {
    const path = ['desktops', id, 'chat'];
    return this.forwarder.forward(caller, res, { to: 'desktops', path, body, isWork: true });
  }
}
