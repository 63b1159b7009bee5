import { Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Capabilities } from '#libs/key-guard';
import { PageQuery } from '../fields/page.js';
import { Forwarder, ForwardsTo } from '../forwarding/forwarder.js';
import { ApiRoute } from '../openapi/described-route.js';
import { Desktop, DesktopPage } from './desktop.js';
import { DesktopParams } from './requests.js';

/** It takes a while: the answer shows the desktop as it is at that moment. */
const BEGUN = { status: 202, description: 'It has begun.', type: Desktop };

/** Which desktops there are, and whether they run. */
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
  @ApiRoute('Start a desktop', BEGUN)
  start(@Res() res: FastifyReply, @Param() { id }: DesktopParams): Promise<void> {
    return this.desktops.forward(res, [id, 'start']);
  }

  @Post(':id/stop')
  @Capabilities('desktop:lifecycle')
  @ApiRoute('Stop a desktop', BEGUN)
  stop(@Res() res: FastifyReply, @Param() { id }: DesktopParams): Promise<void> {
    return this.desktops.forward(res, [id, 'stop']);
  }

  @Post(':id/restart')
  @Capabilities('desktop:lifecycle')
  @ApiRoute('Restart a desktop', BEGUN)
  restart(@Res() res: FastifyReply, @Param() { id }: DesktopParams): Promise<void> {
    return this.desktops.forward(res, [id, 'restart']);
  }
}
