import { Controller, UseGuards } from '@nestjs/common';
import { MessagePattern, Payload, RpcException } from '@nestjs/microservices';
import { z } from 'zod';
import { EXPOSED_PATTERN, EXPOSURE_SOURCE_SHAPE, type ExposureAnswer } from '#libs/keys-contract';
import { ReportExposure } from '../exposures/report-exposure.js';
import { VerificationRpcGuard } from './verification-rpc.guard.js';

const report = z.object({
  key: z.string().max(200),
  source: z.string().regex(EXPOSURE_SOURCE_SHAPE),
  url: z.string().max(10_000).nullable(),
  address: z.string().max(100),
  requestId: z.string().max(100).nullable(),
});

/** The part of the verification RPC by which gateways report keys that others have seen. */
@Controller()
@UseGuards(VerificationRpcGuard)
export class ExposureController {
  constructor(private readonly reportExposure: ReportExposure) {}

  @MessagePattern(EXPOSED_PATTERN)
  exposed(@Payload() question: unknown): Promise<ExposureAnswer> {
    const { success, data } = report.safeParse(question);
    if (!success) throw new RpcException('a report has a key, source, url, address and requestId');
    const { key, ...sighting } = data;
    return this.reportExposure.execute(key, sighting);
  }
}
