import { hash } from 'node:crypto';
import { Controller, Header, HttpCode, Post, Req } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { KeyVerifier, Public } from '#libs/key-guard';
import { RawBody } from '#libs/service';
import { GatewayProblem } from '../gateway-problem.js';
import { Partners, notSigned } from './partners.js';
import { ReportTokens } from './report-tokens.js';
import { readTokens } from './reported-tokens.js';

/** About 5,000 tokens with their URLs. */
const MAX_BODY = 1024 * 1024;

/** The answer about a token, in the form that GitHub documents. */
export interface TokenFeedback {
  /** SHA-256 of the token, in hexadecimal. */
  readonly token_hash: string;
  readonly token_type: string;
  readonly label: 'true_positive' | 'false_positive';
}

/** Where secret scanners report the keys that they have found in public, if the gateway is registered with them. */
@Controller('reports')
@Public()
@ApiExcludeController()
export class PartnerReportsController {
  constructor(
    private readonly partners: Partners,
    private readonly reportTokens: ReportTokens,
    private readonly verifier: KeyVerifier,
  ) {}

  /** The answer comes once every key among the tokens is revoked, or marked if that is the policy. */
  @Post(':partner')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @RawBody(MAX_BODY)
  async report(@Req() req: FastifyRequest): Promise<readonly TokenFeedback[]> {
    const partner = this.partners.of(req);
    const body = Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0);
    if (!(await partner.hasSigned(req, body))) {
      this.verifier.exposed.addFailure(req);
      throw notSigned();
    }
    const tokens = readTokens(body);
    if (tokens === undefined)
      throw new GatewayProblem('invalid_request', 'Send a JSON array of objects with a token each.');
    const isOurs = await this.reportTokens.execute(tokens, req, partner.name);
    return tokens.map(({ token, type }, at) => ({
      token_hash: hash('sha256', token),
      token_type: type,
      label: isOurs[at] === true ? 'true_positive' : 'false_positive',
    }));
  }
}
