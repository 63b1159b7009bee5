import type { IncomingMessage } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ProblemException } from '#libs/problems';

/**
 * Refuses what Node would answer itself without a body, or take for something else, and what no route can mean: none or
 * several Host headers, expectations other than `100-continue`, and bodies that are encoded.
 */
export function refuseUnclearRequests(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  // Without a listener, Node answers by itself.
  fastify.server.on('checkExpectation', (req, res) => fastify.routing(req, res));
  fastify.addHook('onRequest', (req, _res, done) => {
    done(unclear(req.raw));
  });
  fastify.addHook('preParsing', (req, _res, _payload, done) => {
    const { 'content-encoding': encoding = 'identity' } = req.headers;
    done(encoding.toLowerCase() === 'identity' ? null : ENCODED);
  });
}

/**
 * Takes a body that is empty for none, whatever type it is said to have: curl says one for `-d ''`, and others do for
 * every POST. Fastify would read it as that type, which nothing is.
 */
export function ignoreTypesOfEmptyBodies(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', (req, _res, done) => {
    const { headers } = req.raw;
    const isEmpty = headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0';
    if (isEmpty) delete headers['content-type'];
    done();
  });
}

const NOT_ONE_HOST = new ProblemException('invalid_request', 'Send one Host header.');

const EXPECTATION = new ProblemException(
  'expectation_failed',
  'Send the request without an Expect header, or with 100-continue.',
);

/** RFC 9110 section 15.5.16 asks to say which encoding would have been taken. */
const ENCODED = new ProblemException(
  'unsupported_media_type',
  'Send the body as it is, without a Content-Encoding: compressed bodies are not accepted.',
  { headers: { 'accept-encoding': 'identity' } },
);

function unclear({ httpVersion, headers, rawHeaders }: IncomingMessage): ProblemException | undefined {
  // Node keeps the first of several. HTTP/1.0 knows no such header (RFC 9112 section 3.2).
  const hosts = countOf('host', rawHeaders);
  if (hosts > 1 || (hosts === 0 && httpVersion !== '1.0')) return NOT_ONE_HOST;
  // Who expects that is answered 100 by then (RFC 9110 section 10.1.1).
  if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue') return EXPECTATION;
  return undefined;
}

/** How many headers of this name there are, among names and values by turns. */
function countOf(header: string, rawHeaders: readonly string[]): number {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (name.length === header.length && name.toLowerCase() === header) count++;
  }
  return count;
}
