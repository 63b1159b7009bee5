import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Authenticator } from './authenticator.js';
import { setCaller } from './caller.js';
import { Challenges } from './challenges.js';
import { type CredentialCarrier, readCredentials } from './credentials.js';
import { DECLARATION, type Declaration } from './declarations.js';

/** A request and its answer, as far as Express and Fastify agree. */
interface GuardedRequest extends CredentialCarrier {
  keyId?: string;
}
interface GuardedResponse {
  header(name: string, value: string): unknown;
}

/** How the keys of this deployment begin, by injection. */
export class KeyPrefix {
  constructor(readonly value: string) {}
}

/** Lets a request through, or not: authenticates its key, and compares the key's capabilities with what the route declares. */
@Injectable()
export class KeyGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authenticator: Authenticator,
    private readonly challenges: Challenges,
    private readonly prefix: KeyPrefix,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const declaration = this.reflector.getAllAndOverride<Declaration | undefined>(DECLARATION, [
      context.getHandler(),
      context.getClass(),
    ]);
    // The start has checked that every HTTP route is declared; what else could come here stays shut.
    if (declaration === undefined || context.getType() !== 'http') return false;
    if (declaration.opens === 'to everybody') return true;

    const req = context.switchToHttp().getRequest<GuardedRequest>();
    const credentials = readCredentials(req, this.prefix.value);
    if (credentials.outcome === 'malformed') throw this.challenges.malformed(credentials.detail);
    if (credentials.outcome !== 'bearer') throw this.challenges.missing();

    const authentication = await this.authenticator.authenticate(credentials.token);
    if (authentication.outcome !== 'authenticated') {
      if (authentication.outcome === 'refused' && authentication.keyId !== undefined)
        req.keyId = authentication.keyId;
      throw this.challenges.refused(authentication);
    }

    const { principal } = authentication;
    req.keyId = principal.keyId;
    if (declaration.opens === 'to capabilities') {
      const isGranted = declaration.required.every((capability) =>
        principal.capabilities.includes(capability),
      );
      if (!isGranted) throw this.challenges.insufficient(declaration.required, principal.capabilities);
    }
    setCaller(req, principal);
    // What a key may see is for that key alone; no cache on the way may keep it.
    context.switchToHttp().getResponse<GuardedResponse>().header('cache-control', 'no-store');
    return true;
  }
}
