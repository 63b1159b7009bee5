import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ProblemException } from '#libs/problems';
import { ManageCredential } from '../secrets/door-credential.js';

/** Opens the manage door to `Authorization: Bearer <KEYS_MANAGE_TOKEN>`, and to nothing else: no API key opens it. */
@Injectable()
export class ManageDoorGuard implements CanActivate {
  constructor(private readonly credential: ManageCredential) {}

  canActivate(context: ExecutionContext): boolean {
    const { authorization } = context.switchToHttp().getRequest<FastifyRequest>().headers;
    const given = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    if (given === undefined) {
      throw new ProblemException(
        'credentials_missing',
        'Send the manage credential as Authorization: Bearer.',
        {
          headers: { 'www-authenticate': 'Bearer realm="keys"' },
        },
      );
    }
    if (!this.credential.accepts(given)) {
      throw new ProblemException('invalid_token', 'The manage credential is not the one of this service.', {
        headers: { 'www-authenticate': 'Bearer realm="keys", error="invalid_token"' },
      });
    }
    return true;
  }
}
