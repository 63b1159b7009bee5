import { Controller, UseGuards } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  ACTIVITY_PATTERN,
  READY_PATTERN,
  USED_PATTERN,
  VERIFY_PATTERN,
  type VerifyAnswer,
} from '#libs/keys-client';
import { RecordActivity } from '../activity/record-activity.js';
import { canAnswer } from '../database/open-database.js';
import { RecordUses } from '../keys/record-uses.js';
import { VerifyKey } from '../keys/verify-key.js';
import { ActivityReportBody, validatedActivity } from './activity-report.js';
import { UsedReportBody, usesIn, validatedReport } from './used-report.js';
import { VerifyDoorGuard } from './verify-door.guard.js';
import { type AskedKey, VerifyQuestionPipe } from './verify-question.pipe.js';

/** The verify door. Nest runs no global guard, pipe or filter for messages, so this names its own. */
@Controller()
@UseGuards(VerifyDoorGuard)
export class VerifyController {
  constructor(
    private readonly verifyKey: VerifyKey,
    private readonly recordUses: RecordUses,
    private readonly recordActivity: RecordActivity,
    private readonly database: DataSource,
  ) {}

  @MessagePattern(VERIFY_PATTERN)
  verify(@Payload(VerifyQuestionPipe) { key, log }: AskedKey): Promise<VerifyAnswer> {
    return this.verifyKey.execute(key, log);
  }

  @MessagePattern(USED_PATTERN)
  async used(@Payload(validatedReport()) report: UsedReportBody): Promise<true> {
    await this.recordUses.execute(usesIn(report));
    return true;
  }

  @MessagePattern(ACTIVITY_PATTERN)
  async activity(@Payload(validatedActivity()) { activity }: ActivityReportBody): Promise<true> {
    await this.recordActivity.execute(activity);
    return true;
  }

  @MessagePattern(READY_PATTERN)
  ready(): Promise<boolean> {
    return canAnswer(this.database);
  }
}
