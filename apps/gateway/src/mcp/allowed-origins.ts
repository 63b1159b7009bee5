import type { FastifyRequest } from 'fastify';
import { GatewayProblem } from '../gateway-problem.js';

/**
 * The pages whose scripts may use the tools: those of `CORS_ORIGINS`. Not the gateway's own origin, which the page of an
 * attacker has once a DNS entry leads to the gateway (MCP 2026-07-28, Streamable HTTP, Security Warning).
 */
export class AllowedOrigins {
  readonly #origins: ReadonlySet<string>;

  constructor(origins: readonly string[]) {
    this.#origins = new Set(origins);
  }

  /** Throws a {@link GatewayProblem} for a script of another page. Other clients send no `Origin`. */
  check({ headers: { origin } }: Pick<FastifyRequest, 'headers'>): void {
    if (origin !== undefined && !this.#origins.has(origin))
      throw new GatewayProblem(
        'origin_not_allowed',
        'Scripts of this page may not use the tools. Operators allow pages with CORS_ORIGINS.',
      );
  }
}
