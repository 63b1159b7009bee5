import { Body, Controller, Get, Param, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Caller, Capabilities, type Principal } from '#libs/key-guard';
import { TextBody } from '../fields/text-body.js';
import { Forwarder } from '../forwarding/forwarder.js';
import { Does } from '../openapi/described-route.js';
import { Done, Ran } from './control-answers.js';
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
  @Does('Click', { type: Done })
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
  @Does('Drag', { type: Done })
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
  @Does('Scroll', { type: Done })
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
  @Does('Type text', { type: Done })
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
  @Does('Press keys together', { type: Done })
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
  @Does('Run a shell command', { type: Ran })
  bash(
    @Caller() caller: Principal,
    @Res() res: FastifyReply,
    @Param() { id }: DesktopParams,
    @Body() body: BashBody,
  ): Promise<void> {
    const path = ['desktops', id, 'bash'];
    return this.forwarder.forward(caller, res, { to: 'desktops', path, body, isWork: true });
  }

  @Post('exec')
  @TextBody(1_000_000)
  @Does('Run a program', { type: Ran })
  exec(
    @Caller() caller: Principal,
    @Res() res: FastifyReply,
    @Param() { id }: DesktopParams,
    @Body() body: ExecBody,
  ): Promise<void> {
    const path = ['desktops', id, 'exec'];
    return this.forwarder.forward(caller, res, { to: 'desktops', path, body, isWork: true });
  }

  @Post('python')
  @TextBody(100_000)
  @Does('Run Python on the agent runtime', { type: Ran })
  python(
    @Caller() caller: Principal,
    @Res() res: FastifyReply,
    @Param() { id }: DesktopParams,
    @Body() body: PythonBody,
  ): Promise<void> {
    const path = ['desktops', id, 'python'];
    return this.forwarder.forward(caller, res, { to: 'desktops', path, body, isWork: true });
  }

  @Get('screenshot')
  @Does('Take a screenshot', {
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
