import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { RequestSpan, Tracing } from '#libs/tracing';

declare module 'fastify' {
  interface FastifyRequest {
    /** Its span, where requests are traced. */
    served?: RequestSpan;
  }
}

/** A span for each request except health checks, by OpenTelemetry's conventions for HTTP servers. */
export function traceRequests(server: FastifyInstance, tracing: Tracing): void {
  server.addHook('onRequest', (req, res, done) => {
    if (req.url !== '/healthz' && req.url !== '/readyz') {
      const served = tracing.serve(req.headers.traceparent);
      req.served = served;
      // Not in a hook for responses, which does not run for one that was cut off.
      res.raw.once('close', () => {
        const { name, attributes } = describe(req, res);
        served.end(name, attributes, res.statusCode >= 500);
      });
    }
    done();
  });
  // Once the body was read: the events that deliver it have no context of the request.
  server.addHook('preHandler', (req, _res, done) => {
    if (req.served === undefined) done();
    else req.served.within(done);
  });
}

type Attributes = Parameters<RequestSpan['end']>[1];

/** Without path and query, which may contain anything. */
function describe(req: FastifyRequest, res: FastifyReply): { name: string; attributes: Attributes } {
  const { method, id, protocol, keyId, refusal } = req;
  const route = req.is404 ? undefined : req.routeOptions.url;
  const { statusCode } = res;
  return {
    name: route === undefined ? method : `${method} ${route}`,
    attributes: {
      'http.request.method': method,
      'url.scheme': protocol,
      'http.response.status_code': statusCode,
      'le_bureau.request.id': id,
      'le_bureau.is_whole': res.raw.writableFinished,
      ...(route !== undefined && { 'http.route': route }),
      ...(keyId !== undefined && { 'le_bureau.key.id': keyId }),
      ...(refusal !== undefined && { 'le_bureau.reason': refusal.reason }),
      ...(statusCode >= 500 && { 'error.type': String(statusCode) }),
    },
  };
}
