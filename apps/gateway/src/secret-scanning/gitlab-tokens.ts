import { hash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { GatewayProblem } from '../gateway-problem.js';

/** The shared tokens that open GitLab's Token Revocation API. */
export class GitLabTokens {
  readonly #digests: readonly Buffer[];

  constructor(accepted: readonly string[]) {
    this.#digests = accepted.map(digestOf);
  }

  /** Throws a problem unless the request has one of them. */
  check({ headers }: FastifyRequest): void {
    // GitLab sends the token alone, without a scheme.
    const given = (headers.authorization ?? '').replace(/^Bearer +/i, '');
    if (this.#accept(given)) return;
    throw new GatewayProblem(
      'invalid_token',
      'Send the shared token of GitLab in the Authorization header.',
      {
        headers: { 'www-authenticate': 'Bearer realm="reports"' },
        reason: 'report_not_authorized',
      },
    );
  }

  /** In constant time: compares digests, and all of them. */
  #accept(given: string): boolean {
    const digest = digestOf(given);
    return this.#digests.filter((accepted) => timingSafeEqual(accepted, digest)).length > 0;
  }
}

function digestOf(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
