import { type CanActivate, type ExecutionContext, Inject, Injectable, Logger } from '@nestjs/common';
import {
  type DeclaredRoute,
  type GuardedRequest,
  type GuardedResponse,
  type KeyGuardProblem,
  KeyVerifier,
  type Refused,
  isLater,
  optionalCallerOf,
  setCaller,
} from '#libs/key-verifier';
import { type RefusedRequest, type RefusedResponse, answerProblem } from '#libs/problems';
import { CarriedRequests } from './carried-requests.js';
import { DeclaredRoutes } from './declaration/declared-routes.js';
import { KeyGuardException } from './key-guard-exception.js';
import { KEY_GUARD_OPTIONS, type KeyGuardOptions } from './options.js';

type Request = GuardedRequest & RefusedRequest;
type Response = GuardedResponse & RefusedResponse;

/** Admits a request, or responds with the reason why not. It guards all routes, or those with `@UseGuards(KeyGuard)`. */
@Injectable()
export class KeyGuard implements CanActivate {
  readonly #log = new Logger(KeyGuard.name);

  constructor(
    private readonly routes: DeclaredRoutes,
    private readonly verifier: KeyVerifier,
    private readonly carried: CarriedRequests,
    @Inject(KEY_GUARD_OPTIONS)
    private readonly options: Pick<KeyGuardOptions, 'readBody' | 'throwsRefusals' | 'requestOf' | 'partOf'>,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const route = this.routes.routeOf(context);
    if (route === 'open') return true;
    // At start, every guarded handler was found to be declared: nothing else may be called, and not in silence.
    if (route === undefined) throw new TypeError(`${nameOf(context)} does not declare who may call it`);
    if (context.getType() !== 'http') return this.#admitCarried(context, route);

    const req = context.getArgByIndex<Request>(0);
    const res = context.getArgByIndex<Response>(1);
    const whole = this.options.partOf?.(req);
    if (whole !== undefined) return this.#admitPart(whole, route, req, res);
    const refused = this.verifier.admission.admit(route, req, res);
    return isLater(refused)
      ? refused.then((outcome) => this.#goOn(outcome, context, req, res))
      : this.#goOn(refused, context, req, res);
  }

  /** Reads the body, if it is read here: only of admitted requests. */
  #goOn(
    refused: Refused,
    context: ExecutionContext,
    req: Request,
    res: Response,
  ): boolean | Promise<boolean> {
    if (refused !== undefined) return this.#refuse(refused, req, res);
    // A response to a key is for that key only; no cache may store it.
    res.header('cache-control', 'no-store');
    const reading = this.options.readBody?.(context);
    return reading === undefined || this.#readmit(reading, req, res);
  }

  async #readmit(reading: Promise<void>, req: Request, res: Response): Promise<boolean> {
    await reading;
    const refused = await this.verifier.admission.readmit(req);
    return refused === undefined || this.#refuse(refused, req, res);
  }

  async #admitPart(
    whole: GuardedRequest,
    { declaration }: DeclaredRoute,
    req: Request,
    res: Response,
  ): Promise<boolean> {
    const refused = await this.verifier.admission.readmit(whole, declaration);
    if (refused !== undefined) return this.#refuse(refused, req, res);
    setCaller(req, optionalCallerOf(whole) ?? null);
    return true;
  }

  #refuse(refused: KeyGuardProblem, req: Request, res: Response): Promise<boolean> {
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

  /** A message or a GraphQL field: what it answers is for the application to say, so a refusal is thrown. */
  async #admitCarried(context: ExecutionContext, route: DeclaredRoute): Promise<boolean> {
    if (this.options.requestOf === undefined)
      throw new TypeError(`the option requestOf must say where ${nameOf(context)} has its key`);
    const refused = await this.carried.admit(context, route, this.options.requestOf(context));
    if (refused !== undefined) throw new KeyGuardException(refused);
    return true;
  }
}

function nameOf(context: ExecutionContext): string {
  return `${context.getClass().name}.${context.getHandler().name}`;
}

/**
 * A promise that never settles: the request has its response and goes no further. Nest waits for the guard and drops it
 * with the request, as it does when Passport has redirected. Nest's exception handling would be a large part of the cost
 * of a forged key.
 */
const NEVER = (): void => undefined;
