import { Bool, Field, Id, Optional, SingleLine, Text, TimeZone } from '#libs/fields';
import { isCron } from './schedule.js';

function CronExpression(): PropertyDecorator {
  return Field({
    schema: { type: 'string', maxLength: 100 },
    sentence:
      'Cron expression must have five fields (minute, hour, day, month, weekday), such as 0 8 * * 1-5.',
    test: (value) => typeof value === 'string' && value.length <= 100 && isCron(value),
  });
}

export class CreateScheduleBody {
  @SingleLine('Name', { max: 100 })
  name!: string;

  @CronExpression()
  cron!: string;

  @Optional()
  @TimeZone()
  timeZone = 'UTC';

  @Id('Desktop ID')
  desktopId!: string;

  @Text('Prompt', { max: 32_000 })
  prompt!: string;

  @Optional()
  @Bool('paused')
  paused = false;
}

/** What is left out stays as it is. A schedule stays with its desktop. */
export class UpdateScheduleBody {
  @Optional()
  @SingleLine('Name', { max: 100 })
  name?: string;

  @Optional()
  @CronExpression()
  cron?: string;

  @Optional()
  @TimeZone()
  timeZone?: string;

  @Optional()
  @Text('Prompt', { max: 32_000 })
  prompt?: string;

  @Optional()
  @Bool('paused')
  paused?: boolean;
}
