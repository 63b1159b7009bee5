import { Flag, Id, Line, Means, Optional, Text } from '../fields/fields.js';
import { CronExpression, TimeZone } from './times.js';

export class ScheduleParams {
  @Id('The job id')
  id!: string;
}

export class CreateScheduleBody {
  @Line('The name', { max: 100 })
  name!: string;

  @Means('The desktop whose agent does it.')
  @Id('The desktop id')
  desktopId!: string;

  @Means('What the agent is told each time.')
  @Text('The prompt', { max: 32_000 })
  prompt!: string;

  @CronExpression()
  cron!: string;

  @Means('The time zone of the cron expression.')
  @Optional()
  @TimeZone()
  timeZone = 'UTC';

  @Means('Whether it starts paused.')
  @Optional()
  @Flag('paused')
  paused = false;
}

/** What is left out stays as it is. */
export class UpdateScheduleBody {
  @Optional()
  @Line('The name', { max: 100 })
  name?: string;

  @Optional()
  @Text('The prompt', { max: 32_000 })
  prompt?: string;

  @Optional()
  @CronExpression()
  cron?: string;

  @Optional()
  @TimeZone()
  timeZone?: string;

  @Optional()
  @Flag('paused')
  paused?: boolean;
}
