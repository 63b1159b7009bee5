import { Cron } from 'croner';

/** A recurring job for the agent on a desktop. Times are in milliseconds since 1970. */
export interface Schedule {
  readonly id: string;
  readonly name: string;
  /** Minute, hour, day, month, day of the week. */
  readonly cron: string;
  readonly timeZone: string;
  readonly desktopId: string;
  /** The message that the agent gets at each run. */
  readonly prompt: string;
  readonly paused: boolean;
  readonly createdAtMs: number;
  readonly lastRunAtMs: number | null;
}

/** A schedule as the API shows it. */
export type ScheduleView = Omit<Schedule, 'createdAtMs' | 'lastRunAtMs'> & {
  readonly createdAt: string;
  readonly lastRunAt: string | null;
  /** Null while paused. */
  readonly nextRunAt: string | null;
};

export function viewOf(schedule: Schedule, nowMs: number): ScheduleView {
  const { createdAtMs, lastRunAtMs, ...shown } = schedule;
  return {
    ...shown,
    createdAt: new Date(createdAtMs).toISOString(),
    lastRunAt: lastRunAtMs === null ? null : new Date(lastRunAtMs).toISOString(),
    nextRunAt: schedule.paused ? null : (nextRunOf(schedule, nowMs)?.toISOString() ?? null),
  };
}

/** Whether `cron` is a pattern of five fields. */
export function isCron(cron: string): boolean {
  try {
    nextRunOf({ cron, timeZone: 'UTC' }, 0);
    return true;
  } catch {
    return false;
  }
}

/** Without a function, the library only computes times and runs nothing. */
function nextRunOf({ cron, timeZone }: Pick<Schedule, 'cron' | 'timeZone'>, nowMs: number): Date | null {
  return new Cron(cron, { timezone: timeZone, mode: '5-part' }).nextRun(new Date(nowMs));
}
