import type { CanActivate, ExecutionContext, Type } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { ExposedKeys } from '#libs/key-verifier';
import { ProblemException, retryAfter } from '#libs/problems';
import { GatewayProblem } from '../gateway-problem.js';

/** A controller whose routes take reports of exposed keys. */
export interface ReportRoutes {
  readonly controller: Type;
  /** How many requests one network may send per hour, over all gateways together. Default: any number. */
  readonly perHour?: number;
  /** Throws a problem if the request is not from whom it claims to be, as far as its headers tell. */
  readonly check?: (req: FastifyRequest) => void | Promise<void>;
}

/**
 * Limits reports of exposed keys by the sender's network, and refuses those that are not from whom they claim to be. It is a
 * global guard, since those of a route only run once its body has been read.
 */
export class ReportGuard implements CanActivate {
  readonly #exposed: ExposedKeys;
  readonly #routes: ReadonlyMap<Type, ReportRoutes>;

  constructor(exposed: ExposedKeys, routes: readonly ReportRoutes[]) {
    this.#exposed = exposed;
    this.#routes = new Map(routes.map((one) => [one.controller, one]));
  }

  /** Synchronous for all other routes: every request passes here. */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const routes = this.#routes.get(context.getClass());
    return routes === undefined || this.#admit(context.switchToHttp().getRequest<FastifyRequest>(), routes);
  }

  async #admit(req: FastifyRequest, { perHour, check }: ReportRoutes): Promise<boolean> {
    const blockedSeconds = this.#exposed.retryAfterSeconds(req);
    if (blockedSeconds !== undefined)
      throw limited('Too many invalid requests came from there.', blockedSeconds);
    const counted = perHour === undefined ? undefined : await this.#exposed.countRequest(req, perHour);
    if (counted?.allowed === false)
      throw limited(`One address may send ${perHour} reports per hour.`, counted.resetSeconds);
    try {
      await check?.(req);
    } catch (err) {
      if (err instanceof ProblemException && err.problem.status < 404) this.#exposed.addFailure(req);
      throw err;
    }
    return true;
  }
}

function limited(why: string, seconds: number): GatewayProblem {
  return new GatewayProblem('rate_limited', `${why} Try again in ${seconds} seconds.`, {
    headers: retryAfter(seconds),
    reason: 'exposure_limited',
  });
}
