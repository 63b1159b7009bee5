import type { ServerResponse } from 'node:http';
import { type RefusedRequest, type RefusedResponse, answerProblem } from '#libs/problems';
import type { GuardedRequest, Refused } from '../admission/admission.js';
import type { Needs, RequestVerifier } from '../create-verifier.js';
import { type NowOrLater, isLater } from '../now-or-later.js';

/** A request of Fastify, as far as it matters here. */
export type FastifyRequest = GuardedRequest & RefusedRequest & { readonly body?: unknown };

/** A response of Fastify, as far as it matters here. */
export type FastifyReply = { readonly raw: ServerResponse } & RefusedResponse;

type Hook = (req: FastifyRequest, reply: FastifyReply, done: (err?: Error) => void) => void;

/**
 * Options of a route that requires a key: `app.get('/invoices', { ...requireKey(verifier) }, handler)`. Handlers call
 * `callerOf(req)`. The key is checked before the body is read, and again after it has arrived.
 */
export function requireKey(
  verifier: RequestVerifier,
  needs: Needs = {},
): { readonly onRequest: Hook; readonly preHandler: Hook } {
  const route = verifier.route(needs);
  const { admission, log } = verifier;
  const decide = (judged: NowOrLater<Refused>, ...[req, reply, done]: Parameters<Hook>): void => {
    const goOn = (refused: Refused): void => {
      if (refused === undefined) done();
      else answerProblem(refused, req, reply, log);
    };
    if (isLater(judged)) judged.then(goOn).catch(done);
    else goOn(judged);
  };
  return {
    onRequest: (req, reply, done) => {
      // A response to a key is for that key only; no cache may store it.
      reply.header('cache-control', 'no-store');
      decide(admission.admit(route, req, reply), req, reply, done);
    },
    preHandler: (req, reply, done) =>
      decide(req.body === undefined ? undefined : admission.readmit(req), req, reply, done),
  };
}
