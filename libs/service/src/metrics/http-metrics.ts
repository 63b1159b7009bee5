import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Histogram, type Registry } from 'prom-client';
import type { ProblemException } from '#libs/problems';
import { byLabel, registerCounter } from './register.js';

/** Methods with their own label in metrics. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** The duration of requests by route, and refused requests by reason. */
export class HttpMetrics {
  readonly #seconds: Histogram<'route' | 'method' | 'status'>;
  readonly #refused: Record<string, number> = {};

  constructor(registry: Registry) {
    this.#seconds = new Histogram({
      name: 'http_request_duration_seconds',
      help: 'From a request to the last byte of its response, by the pattern of its route.',
      labelNames: ['route', 'method', 'status'],
      buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers: [registry],
    });
    registerCounter(registry, {
      name: 'http_requests_refused_total',
      help: 'Refused requests, by the reason in the log.',
      labels: ['reason'],
      read: () => byLabel('reason', this.#refused),
    });
  }

  /** Measures every route that is added after this call, and requests without a route as `unmatched`. */
  watch(server: FastifyInstance): void {
    // A hook per route knows its pattern, so nothing is looked up per request.
    server.addHook('onRoute', (options) => {
      const route = labelOf(options.url);
      const hooks = [options.onResponse ?? []].flat();
      options.onResponse = [
        ...hooks,
        (req, res, done) => {
          this.#answered(route, req, res);
          done();
        },
      ];
    });
    server.addHook('onResponse', (req, res, done) => {
      if (req.is404) this.#answered('unmatched', req, res);
      done();
    });
  }

  /** Counts a refused request, by a reason that is declared. */
  refused({ countedReason }: ProblemException): void {
    this.#refused[countedReason] = (this.#refused[countedReason] ?? 0) + 1;
  }

  #answered(route: string, { method, refusal }: FastifyRequest, res: FastifyReply): void {
    const labels = {
      route,
      method: METHODS.includes(method) ? method : 'other',
      status: `${Math.floor(res.statusCode / 100)}xx`,
    };
    this.#seconds.observe(labels, res.elapsedTime / 1000);
    if (refusal !== undefined) this.refused(refusal);
  }
}

/** The files of a page, whose names change with each build, count as one route. */
function labelOf(pattern: string): string {
  return pattern.startsWith('/assets/') ? '/assets/*' : pattern;
}
