import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ProblemException } from '#libs/problems';
import { WAYS_IN, type SignInOptions } from '../sign-in/sign-in-options.js';

const READS = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Refuses changes that another site asks for in a visitor's name: browsers say where a request comes from, in
 * `Sec-Fetch-Site` (Fetch Metadata) and `Origin` (RFC 6454 section 7), and scripts cannot change either. One of them
 * must say that it is this dashboard, and neither may say otherwise.
 */
@Injectable()
export class SameOriginGuard implements CanActivate {
  constructor(@Inject(WAYS_IN) private readonly waysIn: SignInOptions) {}

  canActivate(context: ExecutionContext): boolean {
    const { method, headers } = context.switchToHttp().getRequest<FastifyRequest>();
    if (READS.includes(method)) return true;
    const { 'sec-fetch-site': site, origin } = headers;
    const isSaid = site !== undefined || origin !== undefined;
    const isContradicted =
      (site !== undefined && site !== 'same-origin') ||
      (origin !== undefined && origin !== this.waysIn.origin);
    if (isSaid && !isContradicted) return true;
    throw new ProblemException(
      'other_origin',
      `Open the dashboard at ${this.waysIn.origin}: requests from other addresses are refused.`,
    );
  }
}
