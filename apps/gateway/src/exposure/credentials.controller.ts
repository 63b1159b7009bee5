import { Body, Controller, Header, HttpCode, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Public } from '#libs/key-guard';
import { retryAfter } from '#libs/problems';
import { BodyLimit } from '#libs/service';
import { GatewayProblem } from '../gateway-problem.js';
import { ApiRoute } from '../openapi/described-route.js';
import { PublicReports } from './public-reports.js';
import { RevokeCredentialsBody } from './requests.js';
import { sightingBy } from './sighting.js';

/** A thousand keys with the longest prefix, as JSON. */
const MAX_BODY = 128 * 1024;

/** Where anyone who finds keys, such as a secret scanner, revokes them. */
@Controller('credentials')
@Public()
export class CredentialsController {
  constructor(private readonly reports: PublicReports) {}

  /** The answer, and when it comes, is the same for any texts, so that it does not tell which of them were keys. */
  @Post('revoke')
  @HttpCode(202)
  @Header('cache-control', 'no-store')
  @BodyLimit(MAX_BODY)
  @ApiRoute('Revoke keys that you have found', {
    status: 202,
    description:
      'Accepted, whatever the texts are, and two seconds after the request. Keys among them do not work any more by then, or stop working later if they are many or a service is down.',
    schema: { type: 'object' },
  })
  async revoke(@Req() req: FastifyRequest, @Body() { credentials }: RevokeCredentialsBody): Promise<object> {
    if (await this.reports.take(credentials, sightingBy(req, 'public'))) return {};
    throw new GatewayProblem(
      'unavailable',
      'Reports cannot be processed right now. Send the same request again.',
      { headers: retryAfter(1), reason: 'exposure_not_done' },
    );
  }
}
