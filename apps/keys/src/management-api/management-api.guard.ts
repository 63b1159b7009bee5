import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { countHeaders } from '#libs/service';
import { ManagementToken } from '../secrets/service-token.js';
import { KeysProblem } from './keys-problem.js';

/** Opens the management API to `Authorization: Bearer <KEYS_MANAGE_TOKEN>`, and to nothing else: no API key opens it. */
@Injectable()
export class ManagementApiGuard implements CanActivate {
  constructor(private readonly credential: ManagementToken) {}

  canActivate(context: ExecutionContext): boolean {
    const { headers, raw } = context.switchToHttp().getRequest<FastifyRequest>();
    // Node keeps the first of several and drops the others. Which one was meant is not for us to say (RFC 6750 section 3.1).
    if (countHeaders('authorization', raw.rawHeaders) > 1) {
      throw new KeysProblem('invalid_request', 'Send one Authorization header, with one token.', {
        headers: { 'www-authenticate': 'Bearer realm="keys", error="invalid_request"' },
      });
    }
    const { authorization } = headers;
    const given = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    if (given === undefined) {
      throw new KeysProblem('credentials_missing', 'Send the management token as Authorization: Bearer.', {
        headers: { 'www-authenticate': 'Bearer realm="keys"' },
      });
    }
    if (!this.credential.accepts(given)) {
      throw new KeysProblem('invalid_token', 'The management token is not valid.', {
        headers: { 'www-authenticate': 'Bearer realm="keys", error="invalid_token"' },
      });
    }
    return true;
  }
}
