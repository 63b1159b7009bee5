import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { KeyVerifier } from '#libs/key-guard';
import { ProblemException } from '#libs/problems';
import { PartnerReportsController } from './partner-reports.controller.js';
import { Partners } from './partners.js';

/** Refuses a report that names no published key, before its body is read: so it is a global guard. */
@Injectable()
export class PartnerIdentifierGuard implements CanActivate {
  constructor(
    private readonly partners: Partners,
    private readonly verifier: KeyVerifier,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getClass() !== PartnerReportsController) return true;
    const req = context.switchToHttp().getRequest<FastifyRequest<{ Params: { partner: string } }>>();
    try {
      await this.partners.get(req.params.partner).checkIdentifier(req);
    } catch (err) {
      if (err instanceof ProblemException && err.code === 'report_not_signed')
        this.verifier.exposed.addFailure(req);
      throw err;
    }
    return true;
  }
}
