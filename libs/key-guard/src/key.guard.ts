import type { ServerResponse } from 'node:http';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { ProblemException } from '#libs/problems';
import { type Allowance, WINDOW_SECONDS } from '#libs/rate-limits';
import { Authenticator } from './authenticator.js';
import { setCaller } from './caller.js';
import { Challenges } from './challenges.js';
import { type CredentialCarrier, readCredentials } from './credentials.js';
import { DECLARATION, type Declaration } from './declarations.js';
import type { Sender } from './failed-authentications.js';
import { OpenResponses } from './open-responses.js';
import { RequestLimits } from './request-limits.js';

/** A request and its answer, as far as Express and Fastify agree. */
interface GuardedRequest extends CredentialCarrier, Sender {
  keyId?: string;
}
interface GuardedResponse {
  header(name: string, value: string): unknown;
}

/** Node's own response: Fastify's has it within, Express' is one. */
type NodeResponse = { readonly raw: ServerResponse } | ServerResponse;

/** How the keys of this deployment begin, by injection. */
export class KeyPrefix {
  constructor(readonly value: string) {}
}

/**
 * Lets a request through, or not: authenticates its key, counts the request, and compares the key's capabilities with
 * what the route declares. Only a key that was authenticated is counted, so a forged one never uses up a real one's.
 */
@Injectable()
export class KeyGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authenticator: Authenticator,
    private readonly challenges: Challenges,
    private readonly prefix: KeyPrefix,
    private readonly open: OpenResponses,
    private readonly limits: RequestLimits,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const declaration = this.reflector.getAllAndOverride<Declaration | undefined>(DECLARATION, [
      context.getHandler(),
      context.getClass(),
    ]);
    // The start has checked that every HTTP route is declared; what else could come here stays shut.
    if (declaration === undefined || context.getType() !== 'http') return false;
    if (declaration.opens === 'to everybody') return true;

    const http = context.switchToHttp();
    const res = http.getResponse<GuardedResponse & NodeResponse>();
    const refusal = await this.#refusal(declaration, http.getRequest<GuardedRequest>(), res);
    // What a key may see is for that key alone; no cache on the way may keep it.
    res.header('cache-control', 'no-store');
    if (refusal === undefined) return true;
    // Here, so that the challenge is right under any exception filter.
    for (const [name, value] of Object.entries(refusal.headers)) res.header(name, value);
    res.header('content-type', 'application/problem+json');
    throw refusal;
  }

  /** Why the request is refused, or undefined when its caller is known and may do what it asks for. */
  async #refusal(
    declaration: Exclude<Declaration, { opens: 'to everybody' }>,
    req: GuardedRequest,
    res: GuardedResponse & NodeResponse,
  ): Promise<ProblemException | undefined> {
    const shutSeconds = this.limits.secondsShut(req);
    if (shutSeconds !== undefined) return this.challenges.shut(shutSeconds);
    const credentials = readCredentials(req, this.prefix.value);
    if (credentials.outcome === 'malformed') return this.challenges.malformed(credentials.detail);
    if (credentials.outcome !== 'bearer') return this.challenges.missing();

    const { drops } = this.open;
    const authentication = await this.authenticator.authenticate(credentials.token);
    if (authentication.outcome === 'refused') {
      this.limits.addFailure(req);
      if (authentication.keyId !== undefined) req.keyId = authentication.keyId;
    }
    if (authentication.outcome !== 'authenticated') return this.challenges.refused(authentication);

    const { principal } = authentication;
    req.keyId = principal.keyId;
    const allowance = await this.limits.count(principal);
    if (allowance !== undefined) {
      tell(res, allowance);
      if (!allowance.isWithin) return this.challenges.rateLimited(allowance);
    }
    setCaller(req, principal);
    const isGranted =
      declaration.opens === 'to any valid key' ||
      declaration.required.every((capability) => principal.capabilities.includes(capability));
    if (!isGranted) return this.challenges.insufficient(declaration.required, principal.capabilities);
    this.open.add('raw' in res ? res.raw : res, credentials.token, principal, drops);
    return undefined;
  }
}

/** What is left, on every answer to an authenticated key, as draft-ietf-httpapi-ratelimit-headers-10 writes it. */
function tell(res: GuardedResponse, { quota, remaining, resetSeconds }: Allowance): void {
  res.header('ratelimit-policy', `"per-key";q=${quota};w=${WINDOW_SECONDS}`);
  res.header('ratelimit', `"per-key";r=${remaining};t=${resetSeconds}`);
}
