import {
  type CanActivate,
  type ExecutionContext,
  HttpException,
  SetMetadata,
  createParamDecorator,
} from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { type Headers, checkIdentity } from '../check-identity.js';
import type { AudienceName } from '../contract.js';
import { type Identified, identityOf, setIdentity } from '../identified.js';
import type { IdentityProblem } from '../identity-problem.js';
import type { IdentityVerifier, SignedIdentity } from '../identity-verifier.js';

const AUDIENCE = Symbol('le-bureau:audience');

/** The parts of a request, Express's or Fastify's, that the guard needs. */
interface IdentifiedRequest extends Identified {
  readonly headers: Headers;
  keyId?: string;
}

interface Response {
  header(name: string, value: string): unknown;
}

/** Requires identities for another audience than the module's, at a route or a whole controller. */
export function Audience(name: AudienceName): MethodDecorator & ClassDecorator {
  return SetMetadata(AUDIENCE, name);
}

/** The caller's {@link SignedIdentity}, as a handler's parameter. */
export const Identity = createParamDecorator((_: unknown, context: ExecutionContext): SignedIdentity =>
  identityOf(context.switchToHttp().getRequest<IdentifiedRequest>()),
);

/** Refuses requests that do not come from the gateway. */
export class IdentityGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly verifier: IdentityVerifier,
    private readonly audience: AudienceName,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return false;
    const http = context.switchToHttp();
    const [req, res] = [http.getRequest<IdentifiedRequest>(), http.getResponse<Response>()];
    const declared = [context.getHandler(), context.getClass()];
    const asked = this.reflector.getAllAndOverride<AudienceName | undefined>(AUDIENCE, declared);
    const check = await checkIdentity(req.headers, asked ?? this.audience, this.verifier);
    if (check.outcome === 'refused') throw told(res, check.problem);
    setIdentity(req, check.identity);
    req.keyId = check.identity.keyId; // for the log
    return true;
  }
}

/** Sets the headers here, so that they are right with any exception filter. Under Nest's own, the body is the problem. */
function told(res: Response, problem: IdentityProblem): HttpException {
  for (const [name, value] of Object.entries(problem.headers)) res.header(name, value);
  res.header('content-type', 'application/problem+json');
  return new HttpException(problem.problem, problem.problem.status, { cause: problem });
}
