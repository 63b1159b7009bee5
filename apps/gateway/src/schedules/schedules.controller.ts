import { Body, Controller, Get, Param, Patch, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Capabilities } from '#libs/key-guard';
import { PageQuery } from '../fields/page.js';
import { TextBody } from '../fields/text-body.js';
import { Forwarder, ForwardsTo } from '../forwarding/forwarder.js';
import { ApiRoute } from '../openapi/described-route.js';
import { CreateScheduleBody, ScheduleParams, UpdateScheduleBody } from './requests.js';
import { Schedule, SchedulePage } from './schedule.js';

/** Scheduled jobs. The public API cannot delete them. */
@Controller('v1/schedules')
export class SchedulesController {
  constructor(@ForwardsTo('schedules') private readonly schedules: Forwarder) {}

  @Get()
  @Capabilities('schedule:read')
  @ApiRoute('List scheduled jobs', { type: SchedulePage })
  list(@Res() res: FastifyReply, @Query() query: PageQuery): Promise<void> {
    return this.schedules.forward(res, [], { query });
  }

  @Get(':id')
  @Capabilities('schedule:read')
  @ApiRoute('Read a scheduled job', { type: Schedule })
  get(@Res() res: FastifyReply, @Param() { id }: ScheduleParams): Promise<void> {
    return this.schedules.forward(res, [id]);
  }

  @Post()
  @TextBody(32_100)
  @Capabilities('schedule:write')
  @ApiRoute('Create a scheduled job', { status: 201, type: Schedule })
  create(@Res() res: FastifyReply, @Body() body: CreateScheduleBody): Promise<void> {
    return this.schedules.forward(res, [], { body });
  }

  @Patch(':id')
  @TextBody(32_100)
  @Capabilities('schedule:write')
  @ApiRoute('Change, pause or resume a scheduled job', { type: Schedule })
  update(
    @Res() res: FastifyReply,
    @Param() { id }: ScheduleParams,
    @Body() body: UpdateScheduleBody,
  ): Promise<void> {
    return this.schedules.forward(res, [id], { body });
  }

  @Post(':id/run')
  @Capabilities('schedule:write')
  @ApiRoute('Run a scheduled job now', {
    status: 202,
    description: 'The agent was told to run the job.',
    type: Schedule,
  })
  run(@Res() res: FastifyReply, @Param() { id }: ScheduleParams): Promise<void> {
    return this.schedules.forward(res, [id, 'run']);
  }
}
