import { Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Capabilities } from '#libs/key-guard';
import { PageQuery } from '../fields/page.js';
import { Forwarder, ForwardsTo } from '../forwarding/forwarder.js';
import { ApiRoute } from '../openapi/described-route.js';
import { Desktop, DesktopPage } from './desktop.js';
import { DesktopParams } from './requests.js';

/** It takes a while: the response shows the desktop as it is at that moment. */
const ACCEPTED = { status: 202, description: 'Accepted; it takes a while.', type: Desktop };

/** Lists, starts and stops desktops. */
@Controller('v1/desktops')
export class DesktopsController {
  constructor(@ForwardsTo('desktops') private readonly desktops: Forwarder) {}

  @Get()
  @Capabilities('desktop:read')
  @ApiRoute('List desktops', { type: DesktopPage })
  list(@Res() res: FastifyReply, @Query() query: PageQuery): Promise<void> {
    return this.desktops.forward(res, [], { query });
  }

  @Get(':id')
  @Capabilities('desktop:read')
  @ApiRoute('Read a desktop', { type: Desktop })
  get(@Res() res: FastifyReply, @Param() { id }: DesktopParams): Promise<void> {
    return this.desktops.forward(res, [id]);
  }

  @Post(':id/start')
  @Capabilities('desktop:lifecycle')
  @ApiRoute('Start a desktop', ACCEPTED)
  start(@Res() res: FastifyReply, @Param() { id }: DesktopParams): Promise<void> {
    return this.desktops.forward(res, [id, 'start']);
  }

  @Post(':id/stop')
  @Capabilities('desktop:lifecycle')
  @ApiRoute('Stop a desktop', ACCEPTED)
  stop(@Res() res: FastifyReply, @Param() { id }: DesktopParams): Promise<void> {
    return this.desktops.forward(res, [id, 'stop']);
  }

  @Post(':id/restart')
  @Capabilities('desktop:lifecycle')
  @ApiRoute('Restart a desktop', ACCEPTED)
  restart(@Res() res: FastifyReply, @Param() { id }: DesktopParams): Promise<void> {
    return this.desktops.forward(res, [id, 'restart']);
  }
}
