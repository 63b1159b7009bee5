import { Body, Controller, Get, Param, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Capabilities } from '#libs/key-guard';
import { TextBody } from '../fields/text-body.js';
import { Forwarder, ForwardsTo } from '../forwarding/forwarder.js';
import { ApiRoute } from '../openapi/described-route.js';
import { Acknowledged, CommandResult } from './control-answers.js';
import {
  BashBody,
  ClickBody,
  DesktopParams,
  DragBody,
  ExecBody,
  KeyBody,
  PythonBody,
  ScrollBody,
  TypeBody,
} from './requests.js';

/** Mouse, keyboard, shell and screen of a running desktop. */
@Controller('v1/desktops/:id')
@Capabilities('desktop:control')
export class ControlController {
  constructor(@ForwardsTo('desktops') private readonly desktops: Forwarder) {}

  @Post('click')
  @ApiRoute('Click', { type: Acknowledged })
  click(@Res() res: FastifyReply, @Param() { id }: DesktopParams, @Body() body: ClickBody): Promise<void> {
    return this.desktops.forward(res, [id, 'click'], { body });
  }

  @Post('drag')
  @ApiRoute('Drag', { type: Acknowledged })
  drag(@Res() res: FastifyReply, @Param() { id }: DesktopParams, @Body() body: DragBody): Promise<void> {
    return this.desktops.forward(res, [id, 'drag'], { body });
  }

  @Post('scroll')
  @ApiRoute('Scroll', { type: Acknowledged })
  scroll(@Res() res: FastifyReply, @Param() { id }: DesktopParams, @Body() body: ScrollBody): Promise<void> {
    return this.desktops.forward(res, [id, 'scroll'], { body });
  }

  @Post('type')
  @TextBody(10_000)
  @ApiRoute('Type text', { type: Acknowledged })
  type(@Res() res: FastifyReply, @Param() { id }: DesktopParams, @Body() body: TypeBody): Promise<void> {
    return this.desktops.forward(res, [id, 'type'], { body });
  }

  @Post('key')
  @ApiRoute('Press keys together', { type: Acknowledged })
  key(@Res() res: FastifyReply, @Param() { id }: DesktopParams, @Body() body: KeyBody): Promise<void> {
    return this.desktops.forward(res, [id, 'key'], { body });
  }

  @Post('bash')
  @TextBody(100_000)
  @ApiRoute('Run a shell command', { type: CommandResult })
  bash(@Res() res: FastifyReply, @Param() { id }: DesktopParams, @Body() body: BashBody): Promise<void> {
    return this.desktops.forward(res, [id, 'bash'], { body, isLongRunning: true });
  }

  @Post('exec')
  @TextBody(1_000_000)
  @ApiRoute('Run a program', { type: CommandResult })
  exec(@Res() res: FastifyReply, @Param() { id }: DesktopParams, @Body() body: ExecBody): Promise<void> {
    return this.desktops.forward(res, [id, 'exec'], { body, isLongRunning: true });
  }

  @Post('python')
  @TextBody(100_000)
  @ApiRoute('Run Python on the agent runtime', { type: CommandResult })
  python(@Res() res: FastifyReply, @Param() { id }: DesktopParams, @Body() body: PythonBody): Promise<void> {
    return this.desktops.forward(res, [id, 'python'], { body, isLongRunning: true });
  }

  @Get('screenshot')
  @ApiRoute('Take a screenshot', {
    content: { 'image/png': { schema: {} } },
  })
  screenshot(@Res() res: FastifyReply, @Param() { id }: DesktopParams): Promise<void> {
    return this.desktops.forward(res, [id, 'screenshot']);
  }
}
