import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DashboardProblem } from '../dashboard-problem.js';
import { SIGN_IN_OPTIONS, type SignInOptions } from '../sign-in/sign-in-options.js';

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Refuses cross-site requests (CSRF). Browsers send `Sec-Fetch-Site` (Fetch Metadata) and `Origin` (RFC 6454 section 7),
 * which scripts cannot change. At least one must be present, and each that is must name this dashboard.
 */
@Injectable()
export class SameOriginGuard implements CanActivate {
  constructor(@Inject(SIGN_IN_OPTIONS) private readonly signInOptions: SignInOptions) {}

  canActivate(context: ExecutionContext): boolean {
    const { method, headers } = context.switchToHttp().getRequest<FastifyRequest>();
    if (SAFE_METHODS.includes(method)) return true;
    const { 'sec-fetch-site': site, origin } = headers;
    const isSaid = site !== undefined || origin !== undefined;
    const isContradicted =
      (site !== undefined && site !== 'same-origin') ||
      (origin !== undefined && origin !== this.signInOptions.origin);
    if (isSaid && !isContradicted) return true;
    throw new DashboardProblem(
      'other_origin',
      `Open the dashboard at ${this.signInOptions.origin}: requests from other addresses are refused.`,
    );
  }
}
