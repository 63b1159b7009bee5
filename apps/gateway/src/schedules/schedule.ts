import { ApiProperty } from '@nestjs/swagger';
import { NextCursor } from '../fields/page.js';

/** A scheduled job, as the API shows it. */
export class Schedule {
  @ApiProperty()
  id!: string;

  @ApiProperty()
  name!: string;

  @ApiProperty({ description: 'Minute, hour, day, month, day of the week.' })
  cron!: string;

  @ApiProperty({ description: 'The time zone of the cron expression.' })
  timeZone!: string;

  @ApiProperty({ description: 'The desktop whose agent runs the job.' })
  desktopId!: string;

  @ApiProperty({ description: 'The message that the agent gets at each run.' })
  prompt!: string;

  @ApiProperty()
  paused!: boolean;

  @ApiProperty({ type: 'string', format: 'date-time' })
  createdAt!: string;

  @ApiProperty({
    type: 'string',
    format: 'date-time',
    nullable: true,
    description: 'Null before its first run.',
  })
  lastRunAt!: string | null;

  @ApiProperty({
    type: 'string',
    format: 'date-time',
    nullable: true,
    description: 'Null while paused.',
  })
  nextRunAt!: string | null;
}

export class SchedulePage {
  @ApiProperty({ type: [Schedule] })
  schedules!: Schedule[];

  @NextCursor()
  nextCursor!: string | null;
}
