import { Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Caller, Capabilities, type Principal } from '#libs/key-guard';
import { PageQuery } from '../fields/page.js';
import { Forwarder } from '../forwarding/forwarder.js';
import { DesktopParams } from './requests.js';

/** Which desktops there are, and whether they run. */
@Controller('v1/desktops')
export class DesktopsController {
  constructor(private readonly forwarder: Forwarder) {}

  @Get()
  @Capabilities('desktop:read')
  list(@Caller() caller: Principal, @Res() res: FastifyReply, @Query() query: PageQuery): Promise<void> {
    return this.forwarder.forward(caller, res, { to: 'desktops', path: ['desktops'], query });
  }

  @Get(':id')
  @Capabilities('desktop:read')
  get(@Caller() caller: Principal, @Res() res: FastifyReply, @Param() { id }: DesktopParams): Promise<void> {
    return this.forwarder.forward(caller, res, { to: 'desktops', path: ['desktops', id] });
  }

  @Post(':id/start')
  @Capabilities('desktop:lifecycle')
  start(
    @Caller() caller: Principal,
    @Res() res: FastifyReply,
    @Param() { id }: DesktopParams,
  ): Promise<void> {
    return this.forwarder.forward(caller, res, { to: 'desktops', path: ['desktops', id, 'start'] });
  }

  @Post(':id/stop')
  @Capabilities('desktop:lifecycle')
  stop(@Caller() caller: Principal, @Res() res: FastifyReply, @Param() { id }: DesktopParams): Promise<void> {
    return this.forwarder.forward(caller, res, { to: 'desktops', path: ['desktops', id, 'stop'] });
  }

  @Post(':id/restart')
  @Capabilities('desktop:lifecycle')
  restart(
    @Caller() caller: Principal,
    @Res() res: FastifyReply,
    @Param() { id }: DesktopParams,
  ): Promise<void> {
    return this.forwarder.forward(caller, res, { to: 'desktops', path: ['desktops', id, 'restart'] });
  }
}
