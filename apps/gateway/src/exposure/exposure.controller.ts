import { Body, Controller, Header, HttpCode, Post, Req } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { clientAddress } from '#libs/client-address';
import { KeyVerifier, Public } from '#libs/key-guard';
import { retryAfter } from '#libs/problems';
import { BodyLimit } from '#libs/service';
import { GatewayProblem } from '../gateway-problem.js';
import { RevokeCredentialsBody } from './requests.js';

/** A thousand keys with the longest prefix, as JSON. */
const MAX_BODY = 128 * 1024;

/** Where anyone who finds keys, such as a secret scanner, revokes them. */
@Controller('credentials')
@Public()
@ApiExcludeController()
export class ExposureController {
  constructor(private readonly verifier: KeyVerifier) {}

  /** The answer is the same for any texts, so that it does not tell which of them were keys. */
  @Post('revoke')
  @HttpCode(202)
  @Header('cache-control', 'no-store')
  @BodyLimit(MAX_BODY)
  async revoke(
    @Req() { ip }: FastifyRequest,
    @Body() { credentials }: RevokeCredentialsBody,
  ): Promise<object> {
    if (await this.verifier.exposed.revoke(credentials, clientAddress(ip))) return {};
    throw new GatewayProblem(
      'unavailable',
      'Not all of these could be processed right now. Send the same request again.',
      { headers: retryAfter(1), reason: 'exposure_not_done' },
    );
  }
}
