import { Body, Controller, Get, Param, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Caller, Capabilities, type Principal } from '#libs/key-guard';
import { TextBody } from '../fields/text-body.js';
import { Forwarder } from '../forwarding/forwarder.js';
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

/** Mouse, keyboard, shell and screen of a desktop that runs. */
@Controller('v1/desktops/:id')
@Capabilities('desktop:control')
export class ControlController {
  constructor(private readonly forwarder: Forwarder) {}

  @Post('click')
  @ApiRoute('Click', { type: Acknowledged })
  click(
    @Caller() caller: Principal,
    @Res() res: FastifyReply,
    @Param() { id }: DesktopParams,
    @Body() body: ClickBody,
  ): Promise<void> {
    const path = ['desktops', id, 'click'];
    return this.forwarder.forward(caller, res, { to: 'desktops', path, body });
  }

  @Post('drag')
  @ApiRoute('Drag', { type: Acknowledged })
  drag(
    @Caller() caller: Principal,
    @Res() res: FastifyReply,
    @Param() { id }: DesktopParams,
    @Body() body: DragBody,
  ): Promise<void> {
    const path = ['desktops', id, 'drag'];
    return this.forwarder.forward(caller, res, { to: 'desktops', path, body });
  }

  @Post('scroll')
  @ApiRoute('Scroll', { type: Acknowledged })
  scroll(
    @Caller() caller: Principal,
    @Res() res: FastifyReply,
    @Param() { id }: DesktopParams,
    @Body() body: ScrollBody,
  ): Promise<void> {
    const path = ['desktops', id, 'scroll'];
    return this.forwarder.forward(caller, res, { to: 'desktops', path, body });
  }

  @Post('type')
  @TextBody(10_000)
  @ApiRoute('Type text', { type: Acknowledged })
  type(
    @Caller() caller: Principal,
    @Res() res: FastifyReply,
    @Param() { id }: DesktopParams,
    @Body() body: TypeBody,
  ): Promise<void> {
    const path = ['desktops', id, 'type'];
    return this.forwarder.forward(caller, res, { to: 'desktops', path, body });
  }

  @Post('key')
  @ApiRoute('Press keys together', { type: Acknowledged })
  key(
    @Caller() caller: Principal,
    @Res() res: FastifyReply,
    @Param() { id }: DesktopParams,
    @Body() body: KeyBody,
  ): Promise<void> {
    const path = ['desktops', id, 'key'];
    return this.forwarder.forward(caller, res, { to: 'desktops', path, body });
  }

  @Post('bash')
  @TextBody(100_000)
  @ApiRoute('Run a shell command', { type: CommandResult })
  bash(
    @Caller() caller: Principal,
    @Res() res: FastifyReply,
    @Param() { id }: DesktopParams,
    @Body() body: BashBody,
  ): Promise<void> {
    const path = ['desktops', id, 'bash'];
    return this.forwarder.forward(caller, res, { to: 'desktops', path, body, isLongRunning: true });
  }

  @Post('exec')
  @TextBody(1_000_000)
  @ApiRoute('Run a program', { type: CommandResult })
  exec(
    @Caller() caller: Principal,
    @Res() res: FastifyReply,
    @Param() { id }: DesktopParams,
    @Body() body: ExecBody,
  ): Promise<void> {
    const path = ['desktops', id, 'exec'];
    return this.forwarder.forward(caller, res, { to: 'desktops', path, body, isLongRunning: true });
  }

  @Post('python')
  @TextBody(100_000)
  @ApiRoute('Run Python on the agent runtime', { type: CommandResult })
  python(
    @Caller() caller: Principal,
    @Res() res: FastifyReply,
    @Param() { id }: DesktopParams,
    @Body() body: PythonBody,
  ): Promise<void> {
    const path = ['desktops', id, 'python'];
    return this.forwarder.forward(caller, res, { to: 'desktops', path, body, isLongRunning: true });
  }

  @Get('screenshot')
  @ApiRoute('Take a screenshot', {
    content: { 'image/png': { schema: {} } },
  })
  screenshot(
    @Caller() caller: Principal,
    @Res() res: FastifyReply,
    @Param() { id }: DesktopParams,
  ): Promise<void> {
    return this.forwarder.forward(caller, res, { to: 'desktops', path: ['desktops', id, 'screenshot'] });
  }
}
