import { Body, Controller, Param, Post, Res } from '@nestjs/common';
import { ApiExtraModels } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Capabilities } from '#libs/key-guard';
import { TextBody } from '../fields/text-body.js';
import { Forwarder, ForwardsTo } from '../forwarding/forwarder.js';
import { ApiRoute } from '../openapi/described-route.js';
import { ChatAnswer, CHAT_CONTENT } from './chat-answer.js';
import { ChatBody, DesktopParams } from './requests.js';

/** The agent on a desktop. */
@Controller('v1/desktops/:id/chat')
@ApiExtraModels(ChatAnswer)
export class ChatController {
  constructor(@ForwardsTo('desktops') private readonly desktops: Forwarder) {}

  @Post()
  @TextBody(32_000)
  @Capabilities('desktop:chat')
  @ApiRoute('Talk to the agent', CHAT_CONTENT)
  chat(@Res() res: FastifyReply, @Param() { id }: DesktopParams, @Body() body: ChatBody): Promise<void> {
    return this.desktops.forward(res, [id, 'chat'], { body, isLongRunning: true });
  }
}
