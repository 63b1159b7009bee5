import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { KeyVerifier } from '#libs/key-guard';
import { retryAfter } from '#libs/problems';
import { GatewayProblem } from '../gateway-problem.js';

/**
 * Marks a controller whose routes take reports of exposed keys: how many requests one network may send it per hour, over all
 * gateways together; or `signed`, if only those are limited that are not from whom they claim to be.
 */
export const ReportLimit = Reflector.createDecorator<number | 'signed'>();

/**
 * Limits reports of exposed keys by the sender's network. It is a global guard, since those of a route only run once its body
 * has been read.
 */
@Injectable()
export class ReportLimitGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly verifier: KeyVerifier,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const [perHour] = this.reflector.getAll(ReportLimit, [context.getClass()]);
    if (perHour === undefined) return true;
    const req = context.switchToHttp().getRequest<FastifyRequest>();
    const { exposed } = this.verifier;
    const blockedSeconds = exposed.retryAfterSeconds(req);
    if (blockedSeconds !== undefined)
      throw limited('Too many invalid requests came from there.', blockedSeconds);
    if (perHour === 'signed') return true;
    const counted = await exposed.countRequest(req, perHour);
    if (counted?.allowed === false)
      throw limited(`One address may send ${perHour} reports per hour.`, counted.resetSeconds);
    return true;
  }
}

function limited(why: string, seconds: number): GatewayProblem {
  return new GatewayProblem('rate_limited', `${why} Try again in ${seconds} seconds.`, {
    headers: retryAfter(seconds),
    reason: 'exposure_limited',
  });
}
