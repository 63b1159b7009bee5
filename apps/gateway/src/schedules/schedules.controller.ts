import { Body, Controller, Get, Param, Patch, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Caller, Capabilities, type Principal } from '#libs/key-guard';
import { PageQuery } from '../fields/page.js';
import { TextBody } from '../fields/text-body.js';
import { Forwarder } from '../forwarding/forwarder.js';
import { ApiRoute } from '../openapi/described-route.js';
import { CreateScheduleBody, ScheduleParams, UpdateScheduleBody } from './requests.js';
import { Schedule, SchedulePage } from './schedule.js';

/** Jobs that run at their times. None is deleted from here. */
@Controller('v1/schedules')
export class SchedulesController {
  constructor(private readonly forwarder: Forwarder) {}

  @Get()
  @Capabilities('schedule:read')
  @ApiRoute('List scheduled jobs', { type: SchedulePage })
  list(@Caller() caller: Principal, @Res() res: FastifyReply, @Query() query: PageQuery): Promise<void> {
    return this.forwarder.forward(caller, res, { to: 'schedules', path: ['schedules'], query });
  }

  @Get(':id')
  @Capabilities('schedule:read')
  @ApiRoute('Read a scheduled job', { type: Schedule })
  get(@Caller() caller: Principal, @Res() res: FastifyReply, @Param() { id }: ScheduleParams): Promise<void> {
    return this.forwarder.forward(caller, res, { to: 'schedules', path: ['schedules', id] });
  }

  @Post()
  @TextBody(32_100)
  @Capabilities('schedule:write')
  @ApiRoute('Create a scheduled job', { status: 201, type: Schedule })
  create(
    @Caller() caller: Principal,
    @Res() res: FastifyReply,
    @Body() body: CreateScheduleBody,
  ): Promise<void> {
    return this.forwarder.forward(caller, res, { to: 'schedules', path: ['schedules'], body });
  }

  @Patch(':id')
  @TextBody(32_100)
  @Capabilities('schedule:write')
  @ApiRoute('Change, pause or resume a scheduled job', { type: Schedule })
  update(
    @Caller() caller: Principal,
    @Res() res: FastifyReply,
    @Param() { id }: ScheduleParams,
    @Body() body: UpdateScheduleBody,
  ): Promise<void> {
    return this.forwarder.forward(caller, res, { to: 'schedules', path: ['schedules', id], body });
  }

  @Post(':id/run')
  @Capabilities('schedule:write')
  @ApiRoute('Run a scheduled job now', {
    status: 202,
    description: 'The agent has been told.',
    type: Schedule,
  })
  run(@Caller() caller: Principal, @Res() res: FastifyReply, @Param() { id }: ScheduleParams): Promise<void> {
    return this.forwarder.forward(caller, res, { to: 'schedules', path: ['schedules', id, 'run'] });
  }
}
