import { Controller, Optional, UseGuards } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { Catalogue } from '#libs/catalogue';
import { KeyFormat } from '#libs/key-format';
import {
  ACTIVITY_PATTERN,
  CATALOGUE_PATTERN,
  type CatalogueNames,
  READY_PATTERN,
  TAG_SECRETS_PATTERN,
  type TagSecrets,
  USED_PATTERN,
  VERIFY_PATTERN,
  type VerifyAnswer,
} from '#libs/keys-contract';
import { Readiness } from '#libs/service';
import { type Step, Tracing } from '#libs/tracing';
import { RecordActivity } from '../activity/record-activity.js';
import { RecordUses } from '../keys/record-uses.js';
import { VerifyKey } from '../keys/verify-key.js';
import { ACTIVITY_REPORT, ActivityReportBody, isActivity } from './activity-report.js';
import { ReportEntries } from './report-entries.js';
import { USED_REPORT, UsedReportBody, isUse } from './used-report.js';
import { validatedReport } from './validated-report.js';
import { VerificationRpcGuard } from './verification-rpc.guard.js';
import { VerifyMetrics } from './verify-metrics.js';
import { type KeyQuestion, VerifyQuestionPipe } from './verify-question.pipe.js';

const VERIFYING: Step<VerifyAnswer> = {
  name: VERIFY_PATTERN,
  attributes: { 'rpc.system.name': 'nestjs_tcp', 'rpc.method': VERIFY_PATTERN },
  describeResult: (answer) => ({
    attributes: {
      'le_bureau.outcome': answer.outcome,
      ...(answer.outcome === 'valid' && { 'le_bureau.key.id': answer.principal.keyId }),
      ...(answer.outcome === 'refused' && { 'le_bureau.reason': answer.reason }),
    },
    hasFailed: answer.outcome === 'busy',
  }),
};

/** The verification RPC. Nest runs no global guard, pipe or filter for messages, so this declares its own. */
@Controller()
@UseGuards(VerificationRpcGuard)
export class VerifyController {
  constructor(
    private readonly verifyKey: VerifyKey,
    private readonly recordUses: RecordUses,
    private readonly recordActivity: RecordActivity,
    private readonly entries: ReportEntries,
    private readonly readiness: Readiness,
    private readonly catalogueOfKeys: Catalogue,
    private readonly format: KeyFormat,
    private readonly metrics: VerifyMetrics,
    @Optional() private readonly tracing?: Tracing,
  ) {}

  @MessagePattern(VERIFY_PATTERN)
  verify(@Payload(VerifyQuestionPipe) { key, traceparent, ...question }: KeyQuestion): Promise<VerifyAnswer> {
    const answer = (): Promise<VerifyAnswer> => this.metrics.measure(this.verifyKey.execute(key, question));
    return this.tracing === undefined ? answer() : this.tracing.answer(VERIFYING, traceparent, answer);
  }

  @MessagePattern(USED_PATTERN)
  async used(@Payload(validatedReport(USED_REPORT)) { uses }: UsedReportBody): Promise<true> {
    await this.recordUses.execute(new Map(this.entries.readable('uses', Object.entries(uses), isUse)));
    return true;
  }

  @MessagePattern(ACTIVITY_PATTERN)
  async activity(@Payload(validatedReport(ACTIVITY_REPORT)) { activity }: ActivityReportBody): Promise<true> {
    await this.recordActivity.execute(this.entries.readable('activity', activity, isActivity));
    return true;
  }

  @MessagePattern(CATALOGUE_PATTERN)
  catalogue(): CatalogueNames {
    return { capabilities: this.catalogueOfKeys.names };
  }

  @MessagePattern(TAG_SECRETS_PATTERN)
  tagSecrets(): TagSecrets {
    return { fingerprints: this.format.tagFingerprints };
  }

  @MessagePattern(READY_PATTERN)
  async ready(): Promise<boolean> {
    return (await this.readiness.missing()) === undefined;
  }
}
