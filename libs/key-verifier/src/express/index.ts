import type { IncomingMessage, ServerResponse } from 'node:http';
import { type RefusedRequest, type RefusedResponse, answerProblem } from '#libs/problems';
import type { GuardedRequest, Refused } from '../admission/admission.js';
import type { Needs, RequestVerifier } from '../create-verifier.js';
import { isLater } from '../now-or-later.js';

/** A request of Express, as far as it matters here. */
export type ExpressRequest = IncomingMessage & GuardedRequest & RefusedRequest;

/** A response of Express, as far as it matters here. */
export type ExpressResponse = ServerResponse & RefusedResponse;

/** Generic, so that the handlers behind it keep the types that Express finds for them. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the reason above
export type ExpressMiddleware = <Req extends ExpressRequest, Res extends ExpressResponse>(
  req: Req,
  res: Res,
  next: (err?: unknown) => void,
) => void;

/**
 * Middleware that requires a key, for a route, a router or a whole application. Handlers behind it call `callerOf(req)`. Put
 * parsers of bodies before it, with small limits: a body that arrives later may come after its key was revoked.
 */
export function requireKey(verifier: RequestVerifier, needs: Needs = {}): ExpressMiddleware {
  const route = verifier.route(needs);
  return (req, res, next) => {
    const goOn = (refused: Refused): void => {
      if (refused !== undefined) {
        answerProblem(refused, req, res, verifier.log);
        return;
      }
      // A response to a key is for that key only; no cache may store it.
      res.header('cache-control', 'no-store');
      next();
    };
    const refused = verifier.admission.admit(route, req, res);
    if (isLater(refused)) refused.then(goOn).catch(next);
    else goOn(refused);
  };
}
