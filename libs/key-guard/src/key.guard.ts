import { type CanActivate, type ExecutionContext, Inject, Injectable, Logger } from '@nestjs/common';
import {
  type GuardedRequest,
  type GuardedResponse,
  type KeyGuardProblem,
  KeyVerifier,
  type Refused,
  isLater,
} from '#libs/key-verifier';
import { answerProblem } from '#libs/problems';
import { DeclaredRoutes } from './declaration/declared-routes.js';
import { KeyGuardException } from './key-guard-exception.js';
import type { KeyGuardOptions } from './options.js';

/** The token of the module's options. */
export const KEY_GUARD_OPTIONS = Symbol('le-bureau:key-guard-options');

/** Admits a request, or responds with the reason why not. */
@Injectable()
export class KeyGuard implements CanActivate {
  readonly #log = new Logger(KeyGuard.name);

  constructor(
    private readonly routes: DeclaredRoutes,
    private readonly verifier: KeyVerifier,
    @Inject(KEY_GUARD_OPTIONS) private readonly options: KeyGuardOptions,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const route = this.routes.routeOf(context);
    // At start, every handler was found to be declared; anything else that may come here is refused.
    if (route?.declaration.opens === 'to everybody') return true;
    if (route === undefined || context.getType() !== 'http') return false;

    const req = context.getArgByIndex<GuardedRequest>(0);
    const res = context.getArgByIndex<GuardedResponse>(1);
    const refused = this.verifier.admission.admit(route, req, res);
    return isLater(refused)
      ? refused.then((outcome) => this.#goOn(outcome, context, req, res))
      : this.#goOn(refused, context, req, res);
  }

  /** Reads the body, if it is read here: only of admitted requests. */
  #goOn(
    refused: Refused,
    context: ExecutionContext,
    req: GuardedRequest,
    res: GuardedResponse,
  ): boolean | Promise<boolean> {
    if (refused !== undefined) return this.#refuse(refused, req, res);
    // A response to a key is for that key only; no cache may store it.
    res.header('cache-control', 'no-store');
    const reading = this.options.readBody?.(context);
    return reading === undefined || this.#readmit(reading, req, res);
  }

  async #readmit(reading: Promise<void>, req: GuardedRequest, res: GuardedResponse): Promise<boolean> {
    await reading;
    const refused = await this.verifier.admission.readmit(req);
    return refused === undefined || this.#refuse(refused, req, res);
  }

  #refuse(refused: KeyGuardProblem, req: GuardedRequest, res: GuardedResponse): Promise<boolean> {
    if (this.options.throwsRefusals !== true) {
      answerProblem(refused, req, res, this.#log);
      return new Promise(NEVER);
    }
    // Here, so that the challenge is right with any exception filter.
    for (const [name, value] of Object.entries(refused.headers)) res.header(name, value);
    res.header('cache-control', 'no-store');
    res.header('content-type', 'application/problem+json');
    return Promise.reject(new KeyGuardException(refused));
  }
}

/**
 * A promise that never settles: the request has its response and goes no further. Nest waits for the guard and drops it
 * with the request, as it does when Passport has redirected. Nest's exception handling would be a large part of the cost
 * of a forged key.
 */
const NEVER = (): void => undefined;
