import { Bool, Describe, Id, Optional, SingleLine, Text, TimeZone } from '#libs/fields';
import { CronExpression } from './cron-expression.js';

export class ScheduleParams {
  @Id('Job ID')
  id!: string;
}

export class CreateScheduleBody {
  @SingleLine('Name', { max: 100 })
  name!: string;

  @Describe('The desktop whose agent runs the job.')
  @Id('Desktop ID')
  desktopId!: string;

  @Describe('The message that the agent gets at each run.')
  @Text('Prompt', { max: 32_000 })
  prompt!: string;

  @CronExpression()
  cron!: string;

  @Describe('The time zone of the cron expression.')
  @Optional()
  @TimeZone()
  timeZone = 'UTC';

  @Describe('Whether it starts paused.')
  @Optional()
  @Bool('paused')
  paused = false;
}

/** Fields that are left out do not change. */
export class UpdateScheduleBody {
  @Optional()
  @SingleLine('Name', { max: 100 })
  name?: string;

  @Optional()
  @Text('Prompt', { max: 32_000 })
  prompt?: string;

  @Optional()
  @CronExpression()
  cron?: string;

  @Optional()
  @TimeZone()
  timeZone?: string;

  @Optional()
  @Bool('paused')
  paused?: boolean;
}
