import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { networkOf } from '#libs/client-address';
import { retryAfter } from '#libs/problems';
import { GatewayProblem } from '../gateway-problem.js';
import { ExposureController } from './exposure.controller.js';

const PER_HOUR = 60;
const HOUR_MS = 3_600_000;

/** How many networks are remembered at the same time, so that a sender with many cannot fill the memory. */
const NETWORKS = 100_000;

/**
 * Limits reports of exposed keys by the sender's network, at this gateway. It is a global guard, since those of a route
 * only run once its body has been read.
 */
@Injectable()
export class ExposureLimit implements CanActivate {
  readonly #reports = new LRUCache<string, { count: number }>({ max: NETWORKS, ttl: HOUR_MS });

  canActivate(context: ExecutionContext): boolean {
    if (context.getClass() === ExposureController)
      this.#count(networkOf(context.switchToHttp().getRequest<FastifyRequest>().ip));
    return true;
  }

  #count(network: string): void {
    const reports = this.#reports.get(network);
    if (reports === undefined) {
      this.#reports.set(network, { count: 1 });
      return;
    }
    if (++reports.count <= PER_HOUR) return;
    const seconds = Math.max(1, Math.ceil(this.#reports.getRemainingTTL(network) / 1000));
    throw new GatewayProblem(
      'rate_limited',
      `One address may report exposed keys ${PER_HOUR} times per hour, up to 1000 keys each time. Try again in ${seconds} seconds.`,
      { headers: retryAfter(seconds), reason: 'exposure_limited' },
    );
  }
}
