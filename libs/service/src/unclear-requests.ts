import type { IncomingMessage } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { ProblemException } from '#libs/problems';
import { ServiceProblem } from './service-problem.js';

/**
 * Refuses what Node would answer itself without a body, or misinterpret, and what no route supports: none or several Host
 * headers, and expectations other than `100-continue`.
 */
export function refuseUnclearRequests(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  // Without a listener, Node responds itself.
  fastify.server.on('checkExpectation', (req, res) => fastify.routing(req, res));
  fastify.addHook('onRequest', (req, _res, done) => {
    done(unclear(req.raw));
  });
}

const NOT_ONE_HOST = new ServiceProblem('invalid_request', 'Send one Host header.');

const EXPECTATION = new ServiceProblem(
  'expectation_failed',
  'Send the request without an Expect header, or with 100-continue.',
);

function unclear({ httpVersion, headers, rawHeaders }: IncomingMessage): ProblemException | undefined {
  // Node keeps the first of several. HTTP/1.0 has no such header (RFC 9112 section 3.2).
  const hosts = countHeaders('host', rawHeaders);
  if (hosts > 1 || (hosts === 0 && httpVersion !== '1.0')) return NOT_ONE_HOST;
  // Clients that expect that have got a 100 by then (RFC 9110 section 10.1.1).
  if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue') return EXPECTATION;
  return undefined;
}

/** How many headers with this name, in lowercase, are among Node's raw ones, which alternate names and values. */
export function countHeaders(header: string, rawHeaders: readonly string[]): number {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (name.length === header.length && name.toLowerCase() === header) count++;
  }
  return count;
}
