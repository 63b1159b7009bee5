import { METHODS } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { PlainHttp } from '../plain-http/plain-http.js';
import type { ForwardAuth } from './forward-auth.js';

/** A CONNECT has no response but a tunnel (RFC 9110 section 9.3.6): Node closes its connection, so it does not pass. */
const SUPPORTED = METHODS.filter((method) => method !== 'CONNECT');

/**
 * Serves `/authorize` for every method, since some proxies send their client's. They may pass on its body as well, which
 * no method has here: it is not read. `plainHttp`: refuses requests that clients have sent in the clear.
 */
export function serveForwardAuth(
  server: FastifyInstance,
  forwardAuth: ForwardAuth,
  plainHttp?: PlainHttp,
): void {
  for (const method of SUPPORTED) server.addHttpMethod(method, { hasBody: false, overrideExisting: true });
  server.route({
    url: '/authorize',
    method: SUPPORTED,
    handler: (req, res) => forwardAuth.authorize(req, res, plainHttp),
  });
}
