import { hash, timingSafeEqual } from 'node:crypto';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { KeyVerifier } from '#libs/key-guard';
import { GatewayProblem } from '../gateway-problem.js';
import { GitLabRevocationController } from './gitlab-revocation.controller.js';

/** The tokens that open GitLab's Token Revocation API. */
export class GitLabTokens {
  readonly #digests: readonly Buffer[];

  constructor(accepted: readonly string[]) {
    this.#digests = accepted.map(digestOf);
  }

  /** In constant time: compares digests, and all of them. */
  accept(given: string): boolean {
    const digest = digestOf(given);
    return this.#digests.filter((accepted) => timingSafeEqual(accepted, digest)).length > 0;
  }
}

/** Opens GitLab's Token Revocation API to its shared token, before a body is read: so it is a global guard. */
@Injectable()
export class GitLabTokenGuard implements CanActivate {
  constructor(
    private readonly tokens: GitLabTokens,
    private readonly verifier: KeyVerifier,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    if (context.getClass() !== GitLabRevocationController) return true;
    const req = context.switchToHttp().getRequest<FastifyRequest>();
    // GitLab sends the token alone, without a scheme.
    const given = (req.headers.authorization ?? '').replace(/^Bearer +/i, '');
    if (this.tokens.accept(given)) return true;
    this.verifier.exposed.addFailure(req);
    throw new GatewayProblem(
      'invalid_token',
      'Send the shared token of GitLab in the Authorization header.',
      {
        headers: { 'www-authenticate': 'Bearer realm="reports"' },
        reason: 'report_not_authorized',
      },
    );
  }
}

function digestOf(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
