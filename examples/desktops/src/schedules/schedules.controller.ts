import { Body, Controller, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { Audience, Identity, type SignedIdentity } from '#libs/signed-identity/nest';
import { Clock } from '../clock.js';
import { ExampleProblem } from '../example-problem.js';
import { found } from '../found.js';
import { PageQuery, pageOf } from '../page.js';
import { type World, idOf } from '../world.js';
import { Worlds } from '../worlds.js';
import { CreateScheduleBody, UpdateScheduleBody } from './requests.js';
import { type Schedule, type ScheduleView, viewOf } from './schedule.js';

interface SchedulePage {
  readonly schedules: readonly ScheduleView[];
  readonly nextCursor: string | null;
}

/** The maximum number of schedules per owner, since they are kept in memory. */
const MAX_SCHEDULES = 100;

/** Scheduled jobs. Their next run is computed, but nothing is ever run. */
@Controller('v1/schedules')
@Audience('schedules')
export class SchedulesController {
  constructor(
    private readonly worlds: Worlds,
    private readonly clock: Clock,
  ) {}

  @Get()
  list(@Identity() who: SignedIdentity, @Query() query: PageQuery): SchedulePage {
    const { items, nextCursor } = pageOf([...this.worlds.of(who).schedules.values()], query, ({ id }) => id);
    const now = this.clock.now();
    return { schedules: items.map((schedule) => viewOf(schedule, now)), nextCursor };
  }

  @Get(':id')
  get(@Identity() who: SignedIdentity, @Param('id') id: string): ScheduleView {
    return viewOf(found(this.worlds.of(who).schedules.get(id), 'schedule'), this.clock.now());
  }

  @Post()
  create(@Identity() who: SignedIdentity, @Body() body: CreateScheduleBody): ScheduleView {
    const world = this.worlds.of(who);
    if (world.schedules.size >= MAX_SCHEDULES)
      throw new ExampleProblem(
        'invalid_request',
        `The example keeps ${MAX_SCHEDULES} schedules for each owner.`,
      );
    if (!world.desktops.has(body.desktopId))
      throw new ExampleProblem('invalid_request', 'desktopId must be the ID of one of your desktops.');
    const { name, cron, timeZone, desktopId, prompt, paused } = body;
    return this.#keep(world, {
      id: idOf('schedule', who.ownerId, world.schedules.size + 1),
      ...{ name, cron, timeZone, desktopId, prompt, paused },
      createdAtMs: this.clock.now(),
      lastRunAtMs: null,
    });
  }

  @Patch(':id')
  update(
    @Identity() who: SignedIdentity,
    @Param('id') id: string,
    @Body() body: UpdateScheduleBody,
  ): ScheduleView {
    const world = this.worlds.of(who);
    const schedule = found(world.schedules.get(id), 'schedule');
    return this.#keep(world, {
      ...schedule,
      name: body.name ?? schedule.name,
      cron: body.cron ?? schedule.cron,
      timeZone: body.timeZone ?? schedule.timeZone,
      prompt: body.prompt ?? schedule.prompt,
      paused: body.paused ?? schedule.paused,
    });
  }

  /** 202: the agent was told to run the job, and its result is not awaited. Works while paused, too. */
  @Post(':id/run')
  @HttpCode(202)
  run(@Identity() who: SignedIdentity, @Param('id') id: string): ScheduleView {
    const world = this.worlds.of(who);
    const schedule = found(world.schedules.get(id), 'schedule');
    return this.#keep(world, { ...schedule, lastRunAtMs: this.clock.now() });
  }

  #keep({ schedules }: World, schedule: Schedule): ScheduleView {
    schedules.set(schedule.id, schedule);
    return viewOf(schedule, this.clock.now());
  }
}
