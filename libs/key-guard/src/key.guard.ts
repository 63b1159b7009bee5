import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { type ProblemException, answerProblem } from '#libs/problems';
import type { GuardedRequest, GuardedResponse, Refused } from './admission.js';
import { DeclaredRoutes } from './declared-routes.js';
import { KeyGuardRuntime } from './key-guard-runtime.js';

/** Lets a request through, or answers why not. */
@Injectable()
export class KeyGuard implements CanActivate {
  constructor(
    private readonly routes: DeclaredRoutes,
    private readonly parts: KeyGuardRuntime,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const route = this.routes.routeOf(context);
    // The start has checked that every handler is declared; what else could come here stays shut.
    if (route?.declaration.opens === 'to everybody') return true;
    if (route === undefined || context.getType() !== 'http') return false;

    const req = context.getArgByIndex<GuardedRequest>(0);
    const res = context.getArgByIndex<GuardedResponse>(1);
    const refused = this.parts.admission.admit(route, req, res);
    return refused !== undefined && 'then' in refused
      ? refused.then((outcome) => this.#goOn(outcome, context, req, res))
      : this.#goOn(refused, context, req, res);
  }

  /** Reads the body, where that is ours to do: for nobody but who was let in. */
  #goOn(
    refused: Refused,
    context: ExecutionContext,
    req: GuardedRequest,
    res: GuardedResponse,
  ): boolean | Promise<boolean> {
    if (refused !== undefined) return this.#refuse(refused, req, res);
    // What a key may see is for that key alone; no cache on the way may keep it.
    res.header('cache-control', 'no-store');
    const reading = this.parts.readBody?.(context);
    return reading === undefined || this.#readmit(reading, req, res);
  }

  async #readmit(reading: Promise<void>, req: GuardedRequest, res: GuardedResponse): Promise<boolean> {
    await reading;
    const refused = await this.parts.admission.readmit(req);
    return refused === undefined || this.#refuse(refused, req, res);
  }

  #refuse(refused: ProblemException, req: GuardedRequest, res: GuardedResponse): Promise<boolean> {
    if (!this.parts.throwsRefusals) {
      answerProblem(refused, req, res);
      return new Promise(NEVER);
    }
    // Here, so that the challenge is right under any exception filter.
    for (const [name, value] of Object.entries(refused.headers)) res.header(name, value);
    res.header('cache-control', 'no-store');
    res.header('content-type', 'application/problem+json');
    return Promise.reject(refused);
  }
}

/**
 * What has been answered goes no further. Nest waits for a guard, and forgets it with the request, as with Passport's
 * when that has redirected. Its way for an exception would be a good part of what a made-up key costs.
 */
const NEVER = (): void => undefined;
