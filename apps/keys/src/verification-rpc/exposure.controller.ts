import { Controller, UseGuards } from '@nestjs/common';
import { MessagePattern, Payload, RpcException } from '@nestjs/microservices';
import { z } from 'zod';
import { EXPOSED_PATTERN, type ExposureAnswer } from '#libs/keys-contract';
import { ReportExposure } from '../keys/report-exposure.js';
import { VerificationRpcGuard } from './verification-rpc.guard.js';

const report = z.object({ key: z.string().max(200), address: z.string().max(100) });

/** The part of the verification RPC by which gateways report keys that others have seen. */
@Controller()
@UseGuards(VerificationRpcGuard)
export class ExposureController {
  constructor(private readonly reportExposure: ReportExposure) {}

  @MessagePattern(EXPOSED_PATTERN)
  exposed(@Payload() question: unknown): Promise<ExposureAnswer> {
    const { success, data } = report.safeParse(question);
    if (!success) throw new RpcException('a report has a key and an address, as text');
    return this.reportExposure.execute(data.key, data.address);
  }
}
