import { Controller, Get, Header, HttpCode, Post, Req } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Public } from '#libs/key-guard';
import { RawBody } from '#libs/service';
import { GatewayProblem } from '../gateway-problem.js';
import { GitLabTokenType } from './gitlab-token-type.js';
import { ReportTokens } from './report-tokens.js';
import { readTokens } from './reported-tokens.js';

/** About 5,000 tokens with their URLs. */
const MAX_BODY = 1024 * 1024;

/** GitLab's Token Revocation API, for a GitLab that is self-managed. A shared token opens it: see {@link GitLabTokens}. */
@Controller('v1')
@Public()
@ApiExcludeController()
export class GitLabRevocationController {
  constructor(
    private readonly reportTokens: ReportTokens,
    private readonly type: GitLabTokenType,
  ) {}

  @Get('revocable_token_types')
  @Header('cache-control', 'no-store')
  types(): { readonly types: readonly string[] } {
    return { types: [this.type.name] };
  }

  /** The answer comes once every key among the tokens is revoked, or marked if that is the policy. */
  @Post('revoke_tokens')
  @HttpCode(204)
  @RawBody(MAX_BODY)
  async revoke(@Req() req: FastifyRequest): Promise<void> {
    const tokens = Buffer.isBuffer(req.body) ? readTokens(req.body) : undefined;
    if (tokens === undefined)
      throw new GatewayProblem(
        'invalid_request',
        'Send a JSON array of objects with type, token and location.',
      );
    if (tokens.some(({ type }) => type !== this.type.name))
      throw new GatewayProblem('invalid_request', `The only type that can be revoked is ${this.type.name}.`);
    await this.reportTokens.execute(tokens, req, 'gitlab');
  }
}
