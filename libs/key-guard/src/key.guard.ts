import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Admission, type GuardedRequest, type GuardedResponse, type Refused } from './admission.js';
import { DeclaredRoutes } from './declared-routes.js';

/** Lets a request through, or not. */
@Injectable()
export class KeyGuard implements CanActivate {
  constructor(
    private readonly routes: DeclaredRoutes,
    private readonly admission: Admission,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const route = this.routes.routeOf(context);
    // The start has checked that every HTTP route is declared; what else could come here stays shut.
    if (route === undefined || context.getType() !== 'http') return false;
    if (route.declaration.opens === 'to everybody') return true;

    const http = context.switchToHttp();
    const [req, res] = [http.getRequest<GuardedRequest>(), http.getResponse<GuardedResponse>()];
    const refused = this.admission.admit(route, req, res);
    return refused !== undefined && 'then' in refused
      ? refused.then((outcome) => letThrough(res, outcome))
      : letThrough(res, refused);
  }
}

/**
 * Rejects with the refusal, if there is one. It does not throw: that a promise was rejected passes through Nest's layers
 * for less than an exception that unwinds them.
 */
function letThrough(res: GuardedResponse, refused: Refused): true | Promise<never> {
  // What a key may see is for that key alone; no cache on the way may keep it.
  res.header('cache-control', 'no-store');
  if (refused === undefined) return true;
  // Here, so that the challenge is right under any exception filter.
  for (const [name, value] of Object.entries(refused.headers)) res.header(name, value);
  res.header('content-type', 'application/problem+json');
  return Promise.reject(refused);
}
