import { IsBoolean, IsString, IsTimeZone, Length, ValidateBy } from 'class-validator';
import { Optional } from '../page.js';
import { isCron } from './schedule.js';

const NAME = { message: 'Name must be 1 to 100 characters.' };
const PROMPT = { message: 'Prompt must be 1 to 32000 characters.' };
const TIME_ZONE = { message: 'Time zone must be an IANA name such as Europe/Paris.' };
const PAUSED = { message: 'paused must be true or false.' };
const DESKTOP = { message: 'desktopId must be the ID of one of your desktops.' };

function IsCron(): PropertyDecorator {
  return ValidateBy({
    name: 'isCron',
    validator: {
      validate: (value) => typeof value === 'string' && value.length <= 100 && isCron(value),
      defaultMessage: () =>
        'Cron expression must have five fields (minute, hour, day, month, weekday), such as 0 8 * * 1-5.',
    },
  });
}

export class CreateScheduleBody {
  @IsString(NAME)
  @Length(1, 100, NAME)
  name!: string;

  @IsCron()
  cron!: string;

  @Optional()
  @IsTimeZone(TIME_ZONE)
  timeZone = 'UTC';

  @IsString(DESKTOP)
  desktopId!: string;

  @IsString(PROMPT)
  @Length(1, 32_000, PROMPT)
  prompt!: string;

  @Optional()
  @IsBoolean(PAUSED)
  paused = false;
}

/** What is left out stays as it is. A schedule stays with its desktop. */
export class UpdateScheduleBody {
  @Optional()
  @IsString(NAME)
  @Length(1, 100, NAME)
  name?: string;

  @Optional()
  @IsCron()
  cron?: string;

  @Optional()
  @IsTimeZone(TIME_ZONE)
  timeZone?: string;

  @Optional()
  @IsString(PROMPT)
  @Length(1, 32_000, PROMPT)
  prompt?: string;

  @Optional()
  @IsBoolean(PAUSED)
  paused?: boolean;
}
