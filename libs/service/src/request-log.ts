import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { sentStatus } from '#libs/problems';
import { loggedPath } from './logged-path.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The public id of the key that makes the request, for the log. */
    keyId?: string;
    /** The request that a proxy asks about, for the log. */
    forwarded?: { readonly method: string; readonly url: string };
  }
}

/** Writes one line per request, once its response is complete or aborted. */
export function logRequests(server: FastifyInstance, log: Logger): void {
  server.addHook('onRequest', (req, res, done) => {
    void res.header('x-request-id', req.id);
    // Fastify's own hooks for responses are not called for an aborted one, such as a stream.
    res.raw.on('close', () => {
      const { refusal, keyId, served, forwarded } = req;
      const level = req.url === '/healthz' || req.url === '/readyz' ? 'debug' : 'info';
      log[level](
        {
          requestId: req.id,
          ...(served !== undefined && { traceId: served.traceId }),
          method: req.method,
          path: loggedPath(req.url),
          ...(forwarded !== undefined && {
            forwarded: { method: forwarded.method, path: loggedPath(forwarded.url) },
          }),
          status: sentStatus(res.raw),
          durationMs: Math.round(res.elapsedTime * 10) / 10,
          ...(keyId === undefined ? {} : { keyId }),
          ...(refusal === undefined ? {} : { reason: refusal.reason }),
          ...(res.raw.writableFinished ? {} : { brokenOff: true }),
        },
        'request',
      );
    });
    done();
  });
}

/** A client's request id is used if it is harmless to log: too short to be a key's secret, or hexadecimal. */
const REQUEST_ID = /^(?:[\w.-]{8,31}|[0-9a-f-]{32,64})$/i;

/** The client's own request id, or a random one. */
export function requestId({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}
