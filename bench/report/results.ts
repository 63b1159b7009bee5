import type { Machine } from '../machine.js';
import type { ActivityMeasure } from '../measures/activity.js';
import type { MeasuredCase } from '../measures/closed-loop.js';
import type { FloodMeasure } from '../measures/floods.js';
import type { HeadersMeasure } from '../measures/headers.js';
import type { AnnouncementsMeasure } from '../measures/announcements.js';
import type { Messages } from '../measures/messages.js';
import type { OpenLoopMeasure } from '../measures/open-loop.js';
import type { PageMeasure } from '../measures/page.js';
import type { ProfileMeasure } from '../measures/profile.js';
import type { ReportsMeasure } from '../measures/reports.js';
import type { RestartMeasure } from '../measures/restart.js';
import type { RevokesMeasure } from '../measures/revokes.js';
import type { RowsMeasure } from '../measures/rows.js';
import type { TicksMeasure } from '../measures/ticks.js';

/** The results of a run; those that were not requested are missing. */
export interface Results {
  readonly machine: Machine;
  readonly seconds: number;
  readonly warmupSeconds: number;
  readonly rounds: number;
  readonly cases: readonly MeasuredCase[];
  readonly openLoop: readonly OpenLoopMeasure[];
  readonly floods: readonly FloodMeasure[];
  readonly profile?: ProfileMeasure | undefined;
  readonly ticks?: TicksMeasure | undefined;
  readonly messages?: Messages | undefined;
  readonly headers?: HeadersMeasure | undefined;
  readonly bytesPerCachedKey?: number | undefined;
  readonly page?: PageMeasure | undefined;
  readonly rows?: RowsMeasure | undefined;
  readonly activity?: ActivityMeasure | undefined;
  readonly announcements?: AnnouncementsMeasure | undefined;
  readonly reports?: ReportsMeasure | undefined;
  readonly restart?: RestartMeasure | undefined;
  readonly revokes?: RevokesMeasure | undefined;
  /** The names of what was to be measured and could not. */
  readonly failed: readonly string[];
}
