import {
  type CanActivate,
  type ExecutionContext,
  HttpException,
  SetMetadata,
  createParamDecorator,
} from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { retryAfter } from '#libs/problems';
import { type AudienceName, IDENTITY_HEADER } from './contract.js';
import { IdentityProblem, type IdentityReason } from './identity-problem.js';
import type { IdentityVerifier, SignedIdentity } from './identity-verifier.js';

const AUDIENCE = Symbol('le-bureau:audience');

/** A symbol, so that nothing that a client sends can be mistaken for it. */
const IDENTITY = Symbol('le-bureau:identity');

/** The parts of a request, Express's or Fastify's, that the guard needs. */
interface IdentifiedRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  keyId?: string;
  [IDENTITY]?: SignedIdentity;
}

interface Response {
  header(name: string, value: string): unknown;
}

/** Requires identities for another audience than the module's, at a route or a whole controller. */
export function Audience(name: AudienceName): MethodDecorator & ClassDecorator {
  return SetMetadata(AUDIENCE, name);
}

/** The caller's {@link SignedIdentity}, as a handler's parameter. */
export const Identity = createParamDecorator((_: unknown, context: ExecutionContext): SignedIdentity => {
  const identity = context.switchToHttp().getRequest<IdentifiedRequest>()[IDENTITY];
  if (identity === undefined) throw new TypeError('IdentityGuard does not guard this route');
  return identity;
});

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
    const token = req.headers[IDENTITY_HEADER];
    if (typeof token !== 'string' || token === '')
      throw refused(res, 'credentials_missing', 'identity_missing');

    const declared = [context.getHandler(), context.getClass()];
    const asked = this.reflector.getAllAndOverride<AudienceName | undefined>(AUDIENCE, declared);
    const verification = await this.verifier.verify(token, asked ?? this.audience);
    switch (verification.outcome) {
      case 'verified':
        req[IDENTITY] = verification.identity;
        req.keyId = verification.identity.keyId; // for the log
        return true;
      case 'refused':
        throw refused(res, 'invalid_token', verification.reason);
      case 'unavailable':
        throw unavailable(res, verification.cause);
      default:
        return verification satisfies never;
    }
  }
}

/** RFC 9110 section 15.5.2 requires a challenge; the scheme is our own. */
const CHALLENGE = { 'www-authenticate': 'LeBureauIdentity' };

function refused(
  res: Response,
  code: 'credentials_missing' | 'invalid_token',
  reason: IdentityReason,
): HttpException {
  const detail = 'Call this service through the gateway, which signs the caller’s identity.';
  return told(res, new IdentityProblem(code, detail, { headers: CHALLENGE, reason }));
}

function unavailable(res: Response, cause: unknown): HttpException {
  const detail = 'The caller’s identity cannot be verified right now. Try again.';
  const options = { headers: retryAfter(1), reason: 'identity_keys_unavailable', cause } as const;
  return told(res, new IdentityProblem('unavailable', detail, options));
}

/** Sets the headers here, so that they are right with any exception filter. Under Nest's own, the body is the problem. */
function told(res: Response, problem: IdentityProblem): HttpException {
  for (const [name, value] of Object.entries(problem.headers)) res.header(name, value);
  res.header('content-type', 'application/problem+json');
  return new HttpException(problem.problem, problem.problem.status, { cause: problem });
}
